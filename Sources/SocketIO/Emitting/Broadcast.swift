internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A selection of a namespace's sockets, and how to send to them.
///
/// A value: `to`, `except`, `volatile`, `compress` and `local` return a new one, so that one can be kept and used again.
///
/// ```swift
/// let players = io.to("game:7").except("bench")
/// players.emit("start")
/// ```
public struct Broadcast: BroadcastEmitter {
    private let namespace: Namespace
    private var rooms = RoomChain.empty
    private var except = RoomChain.empty
    private var exceptSocket: SocketID?
    private var options: EmitOptions = []

    /// - Parameter exceptSocket: Who is left out: the sender.
    init(in namespace: Namespace, exceptSocket: SocketID? = nil) {
        self.namespace = namespace
        self.exceptSocket = exceptSocket
    }

    public var broadcast: Broadcast { self }

    func adding(rooms: [Room] = [], except: [Room] = [], options: EmitOptions = []) -> Broadcast {
        var copy = self
        copy.rooms = copy.rooms.adding(rooms)
        copy.except = copy.except.adding(except)
        copy.options.formUnion(options)
        return copy
    }

    func compressing(_ isWanted: Bool) -> Broadcast {
        var copy = self
        if isWanted { copy.options.remove(.uncompressed) } else { copy.options.insert(.uncompressed) }
        return copy
    }

    private var selection: BroadcastSelection {
        BroadcastSelection(rooms: rooms.rooms, except: except.rooms, exceptSocket: exceptSocket)
    }

    private var isLocal: Bool { options.contains(.local) }

    func perform(_ command: (BroadcastSelection) -> NamespaceCommand) {
        namespace.perform(command(selection), isLocal: isLocal)
    }

    func find(timeout: Duration) async -> RemoteSockets {
        let selection = selection
        let searches = namespace.meant.map { namespace in
            (namespace, namespace.find(selection), isLocal ? .alone : namespace.findElsewhere(selection))
        }
        let deadline = ContinuousClock.now.advanced(by: timeout.bounded)
        var found = RemoteSockets()
        for (namespace, here, elsewhere) in searches {
            // They answer side by side; who is asked for last has had as long as the first.
            found.add(await here.results(within: ContinuousClock.now.duration(to: deadline)))
            let left = ContinuousClock.now.duration(to: deadline)
            found.add(await elsewhere.answers(within: left, on: namespace.context.loops), in: namespace)
        }
        return found
    }

    func send<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        do {
            let name = try EventName(checking: name)
            if case .template(let family) = namespace.role {
                for namespace in family.members { try send(name, in: namespace, repeat each arguments) }
            } else {
                try send(name, in: namespace, repeat each arguments)
            }
        } catch {
            namespace.context.logEncodingFailure(error, name)
        }
    }

    private func send<each Argument: Encodable>(
        _ name: EventName, in namespace: Namespace, _ arguments: repeat each Argument
    ) throws {
        namespace.perform(
            .broadcast(try namespace.packet(name, repeat each arguments), selection, options), isLocal: isLocal)
    }

    func request<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration
    ) async -> BroadcastReplies<Reply> {
        let selection = selection
        var asked: [(here: BroadcastAcks, elsewhere: ClusterInquiry)] = []
        for namespace in namespace.meant {
            let id = namespace.nextAckID()
            var packet: EncodedPacket?
            do {
                packet = try namespace.packet(EventName(checking: name), id: id, repeat each arguments)
            } catch {
                namespace.context.logEncodingFailure(error, name)
            }
            let elsewhere =
                isLocal ? .alone : namespace.askElsewhere(packet, selection, ClusterFlags(options, timeout: timeout))
            asked.append((namespace.ask(packet, id: id, selection, options), elsewhere))
        }
        let deadline = ContinuousClock.now.advanced(by: timeout.bounded)
        var results = BroadcastResults()
        for (here, elsewhere) in asked {
            // They answer side by side; who is asked for last has had as long as the first.
            results.add(await here.results(within: ContinuousClock.now.duration(to: deadline)))
            let left = ContinuousClock.now.duration(to: deadline)
            results.add(await elsewhere.answers(within: left, on: namespace.context.loops))
        }
        return BroadcastReplies(results)
    }
}
