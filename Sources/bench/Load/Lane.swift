import NetLoop
import SocketIOWire

/// One connection under load: what it has to send, and what has to arrive.
final class Lane {
    private let connection: Connection
    private let epoll: Epoll
    /// What `epoll` calls the connection.
    private let token: Int
    private let timeline: Timeline
    private var inbox: Inbox
    private var outbox: Outbox
    /// How many replies have come.
    private var answered = 0
    /// Where the timeline has the next reply's request.
    private(set) var slot = 0
    /// Heartbeats that are to be answered between two requests.
    private var pongsDue = 0
    /// Whether the kernel takes no more at the moment.
    private var isBlocked = false

    private static let pong: [UInt8] = {
        let writer = ByteWriter()
        Message.text("3").appendMasked(to: writer)
        return writer.array()
    }()

    init(
        _ connection: Connection, on epoll: Epoll, token: Int, sends requests: Ring, expects replies: Ring,
        _ timeline: Timeline
    ) throws(SystemError) {
        self.connection = connection
        self.epoll = epoll
        self.token = token
        self.timeline = timeline
        inbox = Inbox(replies)
        outbox = Outbox(requests)
        try epoll.add(connection.socket, token: token)
    }

    /// How many replies are to come.
    var outstanding: Int { timeline.asked &- answered }

    /// How many more requests could still be told apart.
    var room: Int { timeline.slots &- outstanding }

    /// Sends the next `count` requests.
    func ask(_ count: Int) throws(LoadFailure) {
        outbox.add(count)
        try send()
    }

    /// Sends what is due; what the kernel does not take waits until the connection can be written to.
    func send() throws(LoadFailure) {
        guard outbox.send(to: connection.socket) else { throw .dropped }
        if isBlocked != (outbox.unsent > 0) {
            isBlocked = !isBlocked
            epoll.update(connection.socket, token: token, interest: isBlocked ? [.read, .write] : .read)
        }
        while pongsDue > 0, !isBlocked {
            guard TCP.send(Self.pong.span, to: connection.socket) == Self.pong.count else { throw .dropped }
            pongsDue -= 1
        }
    }

    /// Takes what has arrived, tells `meter` of each reply, and returns how many there are.
    func receive(into buffer: ReceiveBuffer, meter: Meter) throws(LoadFailure) -> Int {
        switch buffer.receive(from: connection.socket) {
        case .nothing: return 0
        case .end: throw .dropped
        case .bytes(let count):
            let now = Clock.now
            guard let content = inbox.take(count, of: buffer) else {
                let head = String(decoding: buffer.array(0..<min(count, 200)), as: UTF8.self)
                throw LoadFailure("the server sends something else than expected: \(head.debugDescription)")
            }
            guard content.replies <= outstanding else { throw LoadFailure("the server answers what was not asked") }
            timeline.answer(content.replies, from: &slot, at: now, meter: meter)
            answered &+= content.replies
            if content.pings > 0 {
                meter.heartbeats += content.pings
                pongsDue += content.pings
                try send()
            }
            return content.replies
        }
    }
}

extension LoadFailure {
    static let dropped = LoadFailure("the server drops a connection")
}
