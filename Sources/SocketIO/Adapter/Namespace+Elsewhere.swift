internal import SocketIOEvents
internal import SocketIOWire

// What is asked of the sockets of other nodes.

extension Namespace {
    /// Asks the other nodes, if there are any; what is refused is logged.
    func askOthers(
        endsWithFirst: Bool = false, _ message: (_ request: String) -> ClusterMessage
    ) -> ClusterInquiry {
        let inquiry = cluster.ask(endsWithFirst: endsWithFirst, message)
        if case .refused = inquiry { context.noteClusterIsFull() }
        return inquiry
    }

    /// Asks the other nodes for their sockets of the selection.
    func findElsewhere(_ selection: BroadcastSelection) -> ClusterInquiry {
        guard context.isClustered else { return .alone }
        return askOthers { .fetchSockets(selection.audience, request: $0) }
    }

    /// Sends an event to the sockets of the selection on other nodes, whose answers the result gathers.
    ///
    /// - Parameter packet: Nil for one that cannot be sent.
    func askElsewhere(
        _ packet: EncodedPacket?, _ selection: BroadcastSelection, _ flags: ClusterFlags
    ) -> ClusterInquiry {
        guard context.isClustered, let event = packet.flatMap(ClusterEvent.init) else { return .alone }
        return askOthers(endsWithFirst: flags.expectsSingleResponse) {
            .broadcast(event, selection.audience, flags, request: $0)
        }
    }
}

extension ClusterFlags {
    init(_ options: EmitOptions, timeout: Duration? = nil, expectsSingleResponse: Bool = false) {
        self.init(
            isVolatile: options.contains(.volatile), compress: options.contains(.uncompressed) ? false : nil,
            timeout: timeout, expectsSingleResponse: expectsSingleResponse)
    }
}
