internal import NetLoop
internal import SocketIOWire

/// A plain request that is over, for a log of who asked for what.
public struct HTTPAccess: Sendable, CustomStringConvertible {
    /// The request, without its body: `method`, `url`, `remoteAddress`, `headers["user-agent"]`.
    public let request: HTTPRequest
    /// What was answered; nil if the client left before.
    public let status: Int?
    /// Bytes of the answer's body, as far as the client took them, or the system for it.
    public let byteCount: Int
    /// From the end of the request's head to the end of the answer.
    public let duration: Duration

    /// On one line, in which nothing of the client's can begin another: `GET /users/7 200 12 B 0.8 ms 127.0.0.1`.
    public var description: String {
        let tenths = Int(min(duration / .microseconds(100), 1e15))
        return "\(request.method) \(request.url) \(status.map(String.init) ?? "-") \(byteCount) B "
            + "\(tenths / 10).\(tenths % 10) ms \(request.remoteAddress)"
    }
}

/// What is noted of the request at hand for whoever keeps an access log.
final class AccessRecord: TurnEndTarget {
    private let request: HTTPRequest
    private let begun: EventLoop.Instant
    private let handler: @Sendable (HTTPAccess) -> Void
    /// What is being answered.
    var status: Int?
    private var access: HTTPAccess?

    init(_ request: HTTPRequest, at begun: EventLoop.Instant, for handler: @escaping @Sendable (HTTPAccess) -> Void) {
        self.request = request
        self.begun = begun
        self.handler = handler
    }

    func end(byteCount: Int, at time: EventLoop.Instant) {
        access = HTTPAccess(
            request: request, status: status, byteCount: byteCount, duration: begun.duration(to: time))
    }

    func turnEnds() {
        if let access { handler(access) }
    }
}

extension HTTPConnection {
    /// The request at hand, whose head is there, is the routes'.
    func beginAccess(_ head: HTTPRequestHead) {
        guard let handler = shard.routes.accessHandler else { return }
        access = AccessRecord(HTTPRequest(head: head, on: self), at: loop.time, for: handler)
    }

    /// It is answered, or never will be. The application is told when nothing is being changed.
    func endAccess(byteCount: Int) {
        guard let access = access.take() else { return }
        access.end(byteCount: byteCount, at: loop.time)
        loop.whenTurnEnds(access)
    }
}
