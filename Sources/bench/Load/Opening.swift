import SocketIOWire

/// What a connection says and hears before the load begins: the upgrade, the handshake of Engine.IO, CONNECT, rooms; or the
/// request for a stream of events.
struct Opening {
    /// What the caller does next.
    enum Step: Equatable {
        /// Nothing: more input is to come.
        case wait
        case send([UInt8])
        /// The connection is ready for its load.
        case finished
    }

    private enum State {
        /// The head of a stream of events.
        case streaming
        /// The response to the request for an upgrade.
        case upgrading
        /// The `open` packet.
        case opening
        /// The reply to CONNECT.
        case connecting
        /// This many acknowledgements of joined rooms.
        case joining(Int)
        case finished
    }

    private var state = State.upgrading
    private var unread: [UInt8] = []
    private let target: Target
    /// Empty for the main one.
    private let namespace: String
    private let rooms: [String]

    /// The key of RFC 6455 1.3, and what a server makes of it.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    /// Where `bench serve` has its events.
    static let streamPath = "/events"

    init(_ target: Target, namespace: String = "", rooms: [String] = []) {
        self.target = target
        self.namespace = namespace.isEmpty ? "" : namespace + ","
        self.rooms = rooms
    }

    /// One of a stream of events.
    init(ofStream target: Target) {
        self.init(target)
        state = .streaming
    }

    /// The first thing to send.
    var request: [UInt8] {
        if case .streaming = state {
            return Array(
                """
                GET \(Self.streamPath) HTTP/1.1\r
                Host: \(target.address.host):\(target.address.port)\r
                \r

                """.utf8)
        }
        let query =
            switch target.speech {
            case .socketIO: "?EIO=4&transport=websocket"
            case .version2: "?EIO=3&transport=websocket"
            case .raw: ""
            }
        let extensions = target.compresses ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""
        return Array(
            """
            GET \(target.path)\(query) HTTP/1.1\r
            Host: \(target.address.host):\(target.address.port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: \(Self.key)\r
            \(extensions)\r

            """.utf8)
    }

    /// Takes what arrived.
    mutating func receive(_ bytes: [UInt8]) throws(LoadFailure) -> Step {
        unread += bytes
        while true {
            let step: Step
            switch state {
            case .streaming:
                guard let response = takeHead() else { return .wait }
                guard response.hasPrefix("HTTP/1.1 200 ") else { throw LoadFailure("no stream of events: \(response)") }
                state = .finished
                step = .finished
            case .upgrading:
                guard let response = takeHead() else { return .wait }
                guard response.hasPrefix("HTTP/1.1 101 "), response.contains(Self.accept) else {
                    throw LoadFailure("the server does not switch to WebSocket: \(response)")
                }
                guard !target.compresses || response.contains("permessage-deflate") else {
                    throw LoadFailure("the server does not compress: \(response)")
                }
                step = upgraded()
            case .opening:
                guard let text = takeText() else { return .wait }
                guard text.hasPrefix("0{") else { throw LoadFailure("not an open packet: \(text)") }
                state = .connecting
                step = target.speech == .version2 ? .wait : .send(Self.frames(["40\(namespace)"]))
            case .connecting:
                guard let text = takeText() else { return .wait }
                // A client of Socket.IO 2 is in the main namespace without asking, and hears no more than that.
                guard target.speech == .version2 ? text == "40" : text.hasPrefix("40\(namespace){") else {
                    throw LoadFailure("not connected: \(text)")
                }
                step = connected()
            case .joining(let left):
                guard let text = takeText() else { return .wait }
                guard text.hasPrefix("43"), text.hasSuffix("[true]") else { throw LoadFailure("not joined: \(text)") }
                state = left > 1 ? .joining(left - 1) : .finished
                step = left > 1 ? .wait : .finished
            case .finished:
                throw LoadFailure("the server speaks before it is asked: \(String(decoding: unread, as: UTF8.self))")
            }
            switch step {
            case .wait: continue
            case .send: return step
            case .finished:
                guard unread.isEmpty else { continue }
                return step
            }
        }
    }

    private mutating func upgraded() -> Step {
        switch target.speech {
        case .socketIO, .version2:
            state = .opening
            return .wait
        case .raw:
            state = .finished
            return .finished
        }
    }

    private mutating func connected() -> Step {
        guard !rooms.isEmpty else {
            state = .finished
            return .finished
        }
        state = .joining(rooms.count)
        return .send(Self.frames(rooms.enumerated().map { #"42\#($0)["join","\#($1)"]"# }))
    }

    /// The head of the response, once it is whole.
    private mutating func takeHead() -> String? {
        let end = Array("\r\n\r\n".utf8)
        guard let start = unread.indices.first(where: { unread[$0...].starts(with: end) }) else { return nil }
        let head = String(decoding: unread[..<start], as: UTF8.self)
        unread.removeFirst(start + end.count)
        return head
    }

    /// The next text message, once it is whole. None of an opening is longer than a frame of two lengths can be.
    private mutating func takeText() -> String? {
        guard unread.count >= 2 else { return nil }
        var start = 2
        var count = Int(unread[1])
        if count == 126 {
            guard unread.count >= 4 else { return nil }
            start = 4
            count = Int(unread[2]) << 8 | Int(unread[3])
        }
        guard unread.count >= start + count else { return nil }
        let text = String(decoding: unread[start..<start + count], as: UTF8.self)
        unread.removeFirst(start + count)
        return text
    }

    private static func frames(_ texts: [String]) -> [UInt8] {
        let writer = ByteWriter()
        for text in texts { Message.text(text).appendMasked(to: writer) }
        return writer.array()
    }
}
