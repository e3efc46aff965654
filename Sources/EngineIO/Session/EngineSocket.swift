internal import NetLoop
public import SocketIOWire
internal import Synchronization

/// What a client sends, or is sent, over Engine.IO.
public enum EngineMessage: Sendable, Hashable {
    /// A text.
    case text(String)
    /// Bytes.
    case binary([UInt8])
}

/// A session as the application sees it. Any thread may use it.
public final class EngineSocket: Sendable {
    /// The session's id.
    public let id: String
    /// The request that began the session.
    public let request: HTTPRequest
    private let session: LoopBound<EngineSession>
    private let log: EngineLog
    private let handlers: Mutex<Handlers>

    private struct Handlers {
        var message: (@Sendable (EngineMessage) -> Void)?
        var upgrading: (@Sendable () -> Void)?
        var upgrade: (@Sendable () -> Void)?
        var close: (@Sendable (EngineDisconnectReason) -> Void)?
    }

    init(_ session: EngineSession) {
        id = session.id
        request = HTTPRequest(session.request)
        self.session = LoopBound(session, on: session.loop)
        log = session.shard.log
        handlers = Mutex(Handlers())
    }

    /// Calls `handler` for each message, in order, on the session's event loop. A second call replaces the first.
    ///
    /// Set within `onConnection`, it misses nothing.
    public func onMessage(_ handler: @escaping @Sendable (EngineMessage) -> Void) {
        handlers.change { $0.message = handler }
    }

    /// Calls `handler` on the session's event loop each time a WebSocket of the client begins to take the session over, which it
    /// may fail to: JavaScript's `upgrading`. A second call replaces the first.
    public func onUpgrading(_ handler: @escaping @Sendable () -> Void) {
        handlers.change { $0.upgrading = handler }
    }

    /// Calls `handler` on the session's event loop once the session goes on over WebSocket. A second call replaces the first.
    public func onUpgrade(_ handler: @escaping @Sendable () -> Void) {
        handlers.change { $0.upgrade = handler }
    }

    /// Calls `handler` when the session is over. A second call replaces the first.
    public func onClose(_ handler: @escaping @Sendable (EngineDisconnectReason) -> Void) {
        handlers.change { $0.close = handler }
    }

    /// Sends a message after those sent before; dropped if the session is over, or if too much waits for its event loop
    /// (`Limits.mailboxBytes`).
    public func send(_ message: EngineMessage) {
        perform(.send(message))
    }

    /// Ends the session after what was sent.
    public func close() {
        perform(.close)
    }

    private func perform(_ command: EngineSocketCommand.Action) {
        let command = EngineSocketCommand(session: session, action: command)
        guard !session.loop.isCurrent else { return command.deliver(on: session.loop) }
        if !session.loop.post(command) { log.dropped.note(on: session.loop) }
    }

    func received(_ message: EngineMessage) {
        let handler = handlers.withLock { $0.message }
        handler?(message)
    }

    func upgrading() {
        tellLater(handlers.withLock { $0.upgrading })
    }

    func upgraded() {
        tellLater(handlers.withLock { $0.upgrade })
    }

    /// With a later turn: the session is in the middle of it.
    private func tellLater(_ handler: (@Sendable () -> Void)?) {
        if let handler { session.loop.post(EngineSocketUpgrade(handler: handler)) }
    }

    func closed(_ reason: EngineCloseReason) {
        let last = handlers.withLock { $0 }
        // The handlers often hold the socket.
        handlers.change { $0 = Handlers() }
        last.close?(reason)
    }
}

/// Why an Engine.IO session ended.
public typealias EngineDisconnectReason = EngineCloseReason

private struct EngineSocketCommand: LoopMessage {
    enum Action {
        case send(EngineMessage)
        case close
    }

    let session: LoopBound<EngineSession>
    let action: Action

    /// What waits for a loop that does not get to it.
    var byteCount: Int {
        switch action {
        case .send(.text(let text)): text.utf8.count + Self.overhead
        case .send(.binary(let bytes)): bytes.count + Self.overhead
        case .close: 0
        }
    }

    private static let overhead = 128

    func deliver(on loop: EventLoop) {
        switch action {
        case .send(.text(let text)): session.value.send(text: text.utf8.span)
        case .send(.binary(let bytes)): session.value.send(binary: bytes)
        case .close: session.value.close()
        }
    }
}

private struct EngineSocketUpgrade: LoopMessage {
    let handler: @Sendable () -> Void

    func deliver(on loop: EventLoop) {
        handler()
    }
}

/// Gives the sessions to the closure of `onConnection`, if there is one.
final class ConnectionHandlerLayer: UpperLayer {
    private let handler = Mutex<(@Sendable (EngineSocket) -> Void)?>(nil)

    func setHandler(_ handler: @escaping @Sendable (EngineSocket) -> Void) {
        self.handler.change { $0 = handler }
    }

    func started(on shard: EngineShard) -> any UpperShard { Shard(layer: self) }
    func stopped() {}

    private final class Shard: UpperShard {
        private let layer: ConnectionHandlerLayer

        var sessionsJoin: Bool { false }

        init(layer: ConnectionHandlerLayer) {
            self.layer = layer
        }

        func handler(for session: EngineSession) -> any EngineSessionHandler {
            EngineSocketHandler(session, onConnection: layer.handler.withLock { $0 })
        }

        func kind(ofText text: Span<UInt8>) -> MessageKind { .event(attachments: 0) }
        func kind(ofBinary bytes: [UInt8]) -> MessageKind { .event(attachments: 0) }
        func ended() {}
    }
}

/// Gives a session's messages to its `EngineSocket`.
final class EngineSocketHandler: EngineSessionHandler {
    private let socket: EngineSocket

    /// What the application does with a message it does at once, or without this server's knowing.
    var isSettled: Bool { true }

    init(_ session: EngineSession, onConnection: (@Sendable (EngineSocket) -> Void)?) {
        socket = EngineSocket(session)
        onConnection?(socket)
    }

    func received(text: Span<UInt8>) {
        socket.received(.text(String(validating: text) ?? ""))
    }

    func received(binary: [UInt8]) {
        socket.received(.binary(binary))
    }

    func upgrading() {
        socket.upgrading()
    }

    func upgraded() {
        socket.upgraded()
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        socket.closed(reason)
    }
}
