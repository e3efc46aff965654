/// Where the nodes of a cluster are, as far as an event loop knows, and who waits to hear it. Each node is asked about once
/// at a time. Where it is never changes, since a node that starts anew has another name.
package struct NodeAddresses<Waiter> {
    package enum Answer {
        case known(HTTPOrigin)
        /// Ask the directory: `found` returns who waits.
        case ask
        /// It is asked already.
        case wait
        /// Too many are asked about.
        case full
    }

    /// Nodes that are known. One that has ended is not told from the others before it is tried.
    package static var knownLimit: Int { 1_024 }
    /// Questions to the directory at a time: any client can name a node that there is not.
    package static var questionLimit: Int { 1_024 }

    private var known: [NodeTag: HTTPOrigin] = [:]
    private var waiters: [NodeTag: [Waiter]] = [:]

    package init() {}

    package mutating func find(_ node: NodeTag, for waiter: Waiter) -> Answer {
        if let origin = known[node] { return .known(origin) }
        guard waiters[node] == nil else {
            waiters[node]?.append(waiter)
            return .wait
        }
        guard waiters.count < Self.questionLimit else { return .full }
        waiters[node] = [waiter]
        return .ask
    }

    /// The directory has answered.
    ///
    /// - Returns: Who waited for that.
    package mutating func found(_ origin: HTTPOrigin?, for node: NodeTag) -> [Waiter] {
        if let origin {
            // Those that are there are asked about anew.
            if known.count >= Self.knownLimit { known = [:] }
            known[node] = origin
        }
        return waiters.removeValue(forKey: node) ?? []
    }

    /// A node could not be reached: it is asked about anew.
    package mutating func forget(_ node: NodeTag) {
        known[node] = nil
    }
}
