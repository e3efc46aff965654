// Events whose name is a `String`: known at run time only. A literal is an `EventName`, which is why these forms are not
// preferred. A reserved name, which a peer may have chosen, is logged and nothing is sent.

extension BroadcastEmitter {
    /// Sends an event to all sockets that are meant; see the form with a literal.
    @_disfavoredOverload
    public func emit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        broadcast.send(name, repeat each arguments)
    }

    /// Sends an event and returns the acknowledgements of all clients that answer in time; see the form with a literal.
    @_disfavoredOverload
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, replying: Reply.Type = Reply.self,
        timeout: Duration = .seconds(5)
    ) async -> BroadcastReplies<Reply> {
        await broadcast.request(name, repeat each arguments, timeout: timeout)
    }
}
