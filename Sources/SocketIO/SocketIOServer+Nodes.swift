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
}
