internal import NetLoop
internal import SocketIOWire

/// A request on its way to the loop of its session.
struct HandedOverRequest: LoopMessage {
    let connection: DetachedConnection
    let exchange: HTTPServerExchange
    let head: HTTPRequestHead
    let step: EngineStep
    let shard: LoopBound<EngineShard>

    func deliver(on loop: EventLoop) {
        guard let connection = connection.adopt(on: loop) else { return }
        HTTPConnection(connection, shard: shard.value, exchange: exchange).resume(head, step)
    }
}
