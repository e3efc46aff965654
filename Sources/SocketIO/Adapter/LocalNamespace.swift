internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
package import SocketIOWire

/// A namespace of this node, as an adapter has it: where what other nodes say is handed in.
///
/// Any thread may call, several at once; what one thread hands in is carried out in that order. On the thread of an event loop
/// of the server it is done there before the call returns, and handlers that it runs may publish. None of these waits, but
/// for `sockets(of:)`; what comes faster than the event loops get to it is dropped, and the log says so
/// (`engine.limits.mailboxBytes`).
public struct LocalNamespace: Sendable {
    private let namespace: Namespace
    /// Whether the adapter is to keep what is sent, for clients that come back.
    package let isKept: Bool

    init(_ namespace: Namespace, isKept: Bool) {
        self.namespace = namespace
        self.isKept = isKept
    }

    /// `/`, or `/` and a name.
    public var name: String { namespace.name }

    /// Another node has said something.
    ///
    /// - Parameters:
    ///   - message: What it is; never one of this node's own.
    ///   - node: Who says so, if that is known. Goes back with a response, and tells who it is that has not answered.
    public func receive(_ message: ClusterMessage, from node: NodeID? = nil) {
        switch message {
        case .broadcast(let event, let audience, let flags, let request):
            broadcast(event, BroadcastSelection(audience), flags, request.map { ClusterRequest(id: $0, from: node) })
        case .join(let rooms, let audience):
            // More of them no socket can be in; the log says so.
            let rooms = Array(rooms.prefix(namespace.context.configuration.limits.roomsPerSocket + 1))
            namespace.performHere(.join(rooms, BroadcastSelection(audience)), isFromNode: true)
        case .leave(let rooms, let audience):
            namespace.performHere(.leave(rooms, BroadcastSelection(audience)), isFromNode: true)
        case .disconnect(let audience, let closesConnection):
            namespace.performHere(
                .disconnect(BroadcastSelection(audience), closesConnection: closesConnection), isFromNode: true)
        case .fetchSockets(let audience, let request):
            guard let permit = namespace.permit() else { return }
            namespace.postAtHome(.find(BroadcastSelection(audience), ClusterRequest(id: request, from: node), permit))
        case .serverSideEmit(let event, let request):
            namespace.postAtHome(.serverSideEmit(event, request.map { ClusterRequest(id: $0, from: node) }))
        }
    }

    /// An event that the adapter keeps has come to its place among all, be it of another node or of this one.
    ///
    /// - Parameter compress: Whether it may be compressed.
    package func receive(
        kept event: ClusterEvent, _ audience: ClusterAudience, at place: RedisStreamID, compress: Bool = true
    ) {
        guard event.attachments.count <= namespace.context.attachmentLimit else { return noteAttachments() }
        namespace.performKept(
            PlacedEvent(event, at: place), BroadcastSelection(audience), compress ? [] : .uncompressed)
    }

    private func noteAttachments() {
        note("an event of another node is dropped: it has more than `limits.attachmentsPerPacket`")
    }

    /// Another node has answered what this one asked.
    ///
    /// - Parameters:
    ///   - response: What it is. One that nobody waits for any more is dropped.
    ///   - request: As `ClusterMessage` had it.
    ///   - node: Who answers, if that is known.
    public func receive(_ response: ClusterResponse, to request: String, from node: NodeID? = nil) {
        namespace.cluster.receive(response, to: request, from: node)
    }

    /// The sockets that are meant and live on this node: for protocols that ask for something of them in other words.
    public func sockets(of audience: ClusterAudience = ClusterAudience()) async -> [ClusterSocket] {
        await namespace.find(BroadcastSelection(audience)).results(within: .seconds(5)).map { ClusterSocket($0) }
    }

    /// Says in the server's log what is wrong with the others or with the way to them: at once, and once a minute how often
    /// it came again.
    ///
    /// - Parameters:
    ///   - problem: The same each time.
    ///   - details: Said where the problem is new.
    public func note(_ problem: String, _ details: @autoclosure () -> String? = nil) {
        namespace.context.noteCluster(problem, details())
    }

    /// Says what may be no problem, as that one is over; as often as the other form does.
    package func note(_ level: LogLevel, _ text: String) {
        if level >= .warning { note(text) } else { namespace.context.noteClusterNews(text) }
    }

    /// Calls `handler` when the first socket of this node enters a room: for protocols where a node says what it wants to
    /// hear. On the loop of one of the sockets, one call after the other; the rooms of the sockets' own ids count as any.
    ///
    /// To be called within `Adapter.join`, before there are any sockets. From then on what happens to rooms is noted, which
    /// costs something with each `join` and `leave`.
    public func onRoomCreated(_ handler: @escaping @Sendable (_ room: Room) -> Void) {
        namespace.register { $0.rooms.append(.created(handler)) }
    }

    /// Calls `handler` when the last socket of this node has left a room; see `onRoomCreated`.
    public func onRoomDeleted(_ handler: @escaping @Sendable (_ room: Room) -> Void) {
        namespace.register { $0.rooms.append(.deleted(handler)) }
    }

    private func broadcast(
        _ event: ClusterEvent, _ selection: BroadcastSelection, _ flags: ClusterFlags, _ request: ClusterRequest?
    ) {
        guard event.attachments.count <= namespace.context.attachmentLimit else { return noteAttachments() }
        var options: EmitOptions = flags.isVolatile ? .volatile : []
        if flags.compress == false { options.insert(.uncompressed) }
        guard let request else {
            let packet = event.packet(in: namespace, id: nil)
            return namespace.performHere(.broadcast(packet, selection, options), isFromNode: true)
        }
        guard let permit = namespace.permit() else { return }
        let id = namespace.nextAckID()
        namespace.ask(
            event.packet(in: namespace, id: id), id: id, selection, options, for: request, permit,
            timeout: min(flags.timeout ?? .seconds(5), NodeAcks.maxTime))
    }
}

extension Namespace {
    /// For one request of another node; nil, and the log says so, if too many are being answered.
    func permit() -> InquiryPermit? {
        guard let load = cluster.load else { return nil }
        if let permit = InquiryPermit(load) { return permit }
        context.noteClusterIsFull()
        return nil
    }
}
