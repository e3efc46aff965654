internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A selection of a namespace's sockets, and how to send to them.
///
/// A value: `to`, `except`, `volatile` and `local` return a new one, so that one can be kept and used again.
///
/// ```swift
/// let players = io.to("game:7").except("bench")
/// players.emit("start")
/// ```
public struct Broadcast: BroadcastEmitter {
    private let namespace: Namespace
    private var selection: BroadcastSelection
    private var options: EmitOptions = []

    init(in namespace: Namespace, selection: BroadcastSelection = BroadcastSelection()) {
        self.namespace = namespace
        self.selection = selection
    }

    public var broadcast: Broadcast { self }

    func adding(rooms: [Room] = [], except: [Room] = [], options: EmitOptions = []) -> Broadcast {
        var copy = self
        copy.selection.rooms += rooms
        copy.selection.except += except
        copy.options.formUnion(options)
        return copy
    }

    func perform(_ command: (BroadcastSelection) -> NamespaceCommand) {
        namespace.perform(command(selection))
    }

    func send<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        do {
            let packet = try namespace.packet(name, repeat each arguments)
            namespace.perform(.broadcast(packet, selection, options))
        } catch {
            namespace.context.logEncodingFailure(error, name)
        }
    }

    func request<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, timeout: Duration
    ) async -> BroadcastReplies<Reply> {
        let id = namespace.nextAckID()
        let packet: EncodedPacket
        do {
            packet = try namespace.packet(name, id: id, repeat each arguments)
        } catch {
            namespace.context.logEncodingFailure(error, name)
            return BroadcastReplies(replies: [:], missing: [])
        }
        guard let shards = namespace.context.shards, let first = shards.first else {
            return BroadcastReplies(replies: [:], missing: [])
        }
        let acks = BroadcastAcks(id: id, loops: shards.count)
        let results = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                acks.wait(continuation)
                first.loop.post(BroadcastAckTimer(acks: acks, timeout: timeout))
                namespace.perform(.broadcastWithAck(packet, id: id, selection, acks))
            }
        } onCancel: {
            acks.expire()
        }
        return BroadcastReplies(results)
    }
}
