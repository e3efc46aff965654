import SocketIOWire

/// A connection to the server that is driven: it sends what it is told to, and waits for what has to come.
final class ScalingPeer {
    private let connection: Connection
    // Most connections only have to be there: what it takes to read is made when it is needed.
    private lazy var readable = Result { try Epoll(reading: connection) }
    private lazy var buffer = ReceiveBuffer(capacity: 1 << 16)
    private var unread: [UInt8] = []
    private var cursor = 0

    private static let patience: CInt = 60_000

    init(_ connection: Connection) {
        self.connection = connection
    }

    func hangUp() {
        connection.hangUp()
    }

    /// The frames of text messages.
    static func frames(_ texts: some Sequence<String>) -> [UInt8] {
        let writer = ByteWriter()
        for text in texts { Message.text(text).appendMasked(to: writer) }
        return writer.array()
    }

    /// Sends all of it, however long the server takes to read.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            guard let count = TCP.send(bytes.span.extracting(sent..<bytes.count), to: connection.socket) else {
                throw LoadFailure.dropped
            }
            sent += count
            guard count == 0 else { continue }
            let writable = try Epoll()
            try writable.add(connection.socket, token: 0, interest: .write)
            guard writable.wait(milliseconds: Self.patience) == 1 else { throw LoadFailure("the server does not read") }
        }
    }

    func send(_ texts: String...) throws {
        try send(Self.frames(texts))
    }

    /// The next text message, waited for.
    func next() throws -> String {
        while true {
            if let range = nextFrame() {
                cursor = range.upperBound
                return String(decoding: unread[range], as: UTF8.self)
            }
            unread.removeFirst(cursor)
            cursor = 0
            unread += try more()
        }
    }

    /// Waits for `count` messages that begin with `prefix`.
    func expect(_ prefix: String, count: Int = 1) throws {
        for _ in 0..<count {
            let text = try next()
            guard text.hasPrefix(prefix) else { throw LoadFailure("not \(prefix): \(text)") }
        }
    }

    /// The ids of the next `count` events, each of which asks for an acknowledgement.
    func questions(_ count: Int) throws -> [String] {
        try (0..<count).map { _ in
            let text = try next()
            let id = text.dropFirst(2).prefix { $0 != "[" }
            guard text.hasPrefix("42"), !id.isEmpty else { throw LoadFailure("not an event with an id: \(text)") }
            return String(id)
        }
    }

    /// Answers the next question.
    func answer() throws {
        try send("43\(try questions(1)[0])[1]")
    }

    private func more() throws -> [UInt8] {
        while true {
            switch buffer.receive(from: connection.socket) {
            case .bytes(let count): return buffer.array(0..<count)
            case .end: throw LoadFailure.dropped
            case .nothing:
                guard try readable.get().wait(milliseconds: Self.patience) == 1 else {
                    throw LoadFailure("the server has fallen silent")
                }
            }
        }
    }

    /// Where the payload of the next frame is, once it is whole. None here is longer than a frame of two lengths can be.
    private func nextFrame() -> Range<Int>? {
        guard unread.count >= cursor + 4 else { return nil }
        var start = cursor + 2
        var count = Int(unread[cursor + 1])
        if count == 126 {
            count = Int(unread[start]) << 8 | Int(unread[start + 1])
            start += 2
        }
        return unread.count >= start + count ? start..<start + count : nil
    }
}

extension Epoll {
    /// One that tells when `connection` has something to read.
    fileprivate convenience init(reading connection: Connection) throws {
        try self.init()
        try add(connection.socket, token: 0)
    }
}
