/// What a node says of others above debug level.
final class NodeLog: Sendable {
    let unregistered: CountedLine
    let unanswered: CountedLine
    let unreachable: CountedLine
    let brokenOff: CountedLine
    let wrongSecret: CountedLine
    let full: CountedLine

    init(_ logger: any ServerLogger, _ limits: LimitCounts) {
        unregistered = CountedLine(
            "the directory of nodes does not take this one, which it is told again: what other nodes get for sessions of this "
                + "one is refused until then", to: logger)
        unanswered = CountedLine(
            "the directory of nodes does not answer: requests for sessions of nodes that are not known yet are refused",
            to: logger)
        unreachable = CountedLine(
            "a node cannot be reached: requests for its sessions are refused, and clients connect anew", to: logger)
        brokenOff = CountedLine(
            "a node has not answered what was passed on to it: the connection of the client is closed", to: logger)
        wrongSecret = CountedLine(
            "a request claims to come from a node and does not know the secret: it counts as a client's. Give all nodes the "
                + "same `secret`", to: logger)
        full = CountedLine(
            "request refused: there are as many connections to its node as `forwarding.connectionsPerNode` allows",
            limit: ("connectionsPerNode", limits), to: logger)
    }
}
