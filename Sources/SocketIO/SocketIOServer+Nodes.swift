internal import NetLoop

extension SocketIOServer {
    /// How many nodes there are, this one included, as the adapter of the main namespace finds out; 1 without an adapter.
    ///
    /// - Returns: Nil if the adapter does not tell within 5 seconds.
    public var nodeCount: Int? {
        get async {
            let gathering = Gathering<Int>(sources: 1)
            registrationNamespace.cluster.findOtherNodes { gathering.give($0.count + 1) }
            return await gathering.outcome(within: .seconds(5), on: context.loops).parts.first
        }
    }

    /// Calls `body`, and returns once what it sent has reached what joins the nodes: Redis has answered. A handler that
    /// returns afterwards acknowledges nothing that is lost with this process.
    ///
    /// ```swift
    /// io.on("say") { (socket: Socket, text: String) in
    ///     try await io.waitUntilPublished { io.to("lobby").emit("said", text) }
    /// }
    /// ```
    /// `body` is called once, at once and where the caller is. It counts what it sends to many, in any namespace of this
    /// server, in that order and behind what the same thread sent before. What asks for acknowledgements tells by these;
    /// what is sent to one socket is on its way to its event loop, and does not count. Redis has a message then, as safely as
    /// it keeps it; no client need have it. Without an adapter it returns at once.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait; while Redis is away it is waited for.
    ///   - isolation: Where `body` is called: where the caller is.
    ///   - body: Sends.
    /// - Throws: `PublicationError`, if any of it is lost or that is not known. What others send at the same time may be
    ///   what is lost: who tries again may send twice.
    public func waitUntilPublished(
        timeout: Duration = .seconds(5), isolation: isolated (any Actor)? = #isolation, _ body: () -> Void
    ) async throws(PublicationError) {
        guard let adapter = context.adapter else { return body() }
        let gathering = Gathering<Bool>(sources: 1)
        adapter.confirm(body) { gathering.give($0) }
        // One that has left the others since has carried nothing, and said so to nobody.
        guard context.isClustered else { throw PublicationError(.closed) }
        let outcome = await gathering.outcome(within: timeout, on: context.loops)
        switch outcome.parts.first {
        case true?: return
        case false?: throw PublicationError(.lost)
        case nil: throw PublicationError(Task.isCancelled ? .cancelled : outcome.hasEnded ? .closed : .timedOut)
        }
    }
}
