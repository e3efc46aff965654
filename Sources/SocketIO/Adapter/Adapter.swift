/// What joins servers in several processes, so that they behave as one: what is sent to many, asked of many or done to many
/// here is carried to the other nodes, and what these say comes in.
///
/// A server without one is a node of its own; nothing is looked up, and nothing costs more. An adapter carries data and
/// decides nothing: sockets, rooms and acknowledgements are the server's (Protocol.md 5.7). How one is written is in
/// <doc:ManyNodes>.
public protocol Adapter: Sendable {
    /// Begins to carry what is said in one namespace, to and from the namespaces of its name on other nodes.
    ///
    /// Called when the server begins to listen, and for each namespace that is made while it does. Must not wait: what is
    /// published before there is a connection is the adapter's to keep, within a limit, or to drop.
    ///
    /// - Parameter namespace: Where what other nodes say is handed in.
    func join(_ namespace: LocalNamespace) -> any NamespaceAdapter

    /// Calls `body`, which publishes, at once, and then `confirmed`, once: whether all that `body` has published, in whatever
    /// namespaces, has reached what carries it to the other nodes.
    ///
    /// Any thread may call, several at once; must not wait. With `false` any of it may be lost; where that cannot be told
    /// from what others publish meanwhile, theirs counts, too. Whoever asks waits for a limited time, so that it is no
    /// fault to say nothing while there is no connection.
    func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (_ isThere: Bool) -> Void)
}

/// What carries the words of one namespace between nodes.
///
/// Any thread may call, several at once. What one thread publishes has to leave, and to arrive on each node, in that order;
/// so have the responses to one request. None of these may wait.
public protocol NamespaceAdapter: Sendable {
    /// Carries a message to all other nodes, not back to this one.
    func publish(_ message: ClusterMessage)

    /// Carries a response to the node that asked.
    func respond(_ response: ClusterResponse, to request: ClusterRequest)

    /// Finds out which other nodes there are, and calls `found`, at once or later, from any thread.
    ///
    /// Asked before each request, and each second while answers to it are missing: a node that is gone by then is waited for
    /// no longer. If `found` is not called at all, the request ends at its timeout.
    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void)

    /// The namespace has ended, or the server has closed: nothing more is carried.
    func leave()
}
