internal import SocketIOWire

/// How many of a manager's namespaces there are of a kind, so that nobody has to go through all of them for one.
struct NamespaceTally {
    /// Joined, or to be joined.
    private(set) var wanted = 0
    /// Those of them whose answer to CONNECT did not come in time.
    private(set) var overdue = 0

    /// The link of one namespace has changed.
    mutating func note(from old: NamespaceLink, to new: NamespaceLink) {
        wanted += (new.isWanted ? 1 : 0) - (old.isWanted ? 1 : 0)
        overdue += (new.isOverdue ? 1 : 0) - (old.isOverdue ? 1 : 0)
    }
}
