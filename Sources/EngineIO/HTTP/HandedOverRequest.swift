internal import NetLoop
internal import SocketIOWire

/// A request on its way to the loop of its session.
///
/// `@unchecked Sendable`: made on one loop and delivered, once, on another; the mailbox between them orders the two.
final class HandedOverRequest: LoopMessage, @unchecked Sendable {
    private let connection: DetachedConnection
    private var exchange: HTTPServerExchange?
    private let head: HTTPRequestHead
    private let step: EngineStep
    private let added: [HTTPField]
    private let shard: LoopBound<EngineShard>

    init(
        _ connection: DetachedConnection, _ exchange: consuming HTTPServerExchange, _ head: HTTPRequestHead,
        _ step: EngineStep, _ added: [HTTPField], to shard: LoopBound<EngineShard>
    ) {
        self.connection = connection
        self.exchange = consume exchange
        self.head = head
        self.step = step
        self.added = added
        self.shard = shard
    }

    func deliver(on loop: EventLoop) {
        guard let exchange = exchange.take(), let connection = connection.adopt(on: loop) else { return }
        HTTPConnection(connection, shard: shard.value, exchange: exchange).resume(head, step, added)
    }
}
