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

    private var selection: BroadcastSelection {
        BroadcastSelection(rooms: rooms.rooms, except: except.rooms, exceptSocket: exceptSocket)
    }

    func perform(_ command: (BroadcastSelection) -> NamespaceCommand) {
        namespace.perform(command(selection))
    }

    func send<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        do {
            let packet = try namespace.packet(EventName(checking: name), repeat each arguments)
            namespace.perform(.broadcast(packet, selection, options))
        } catch {
            namespace.context.logEncodingFailure(error, name)
        }
    }

    func request<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration
    ) async -> BroadcastReplies<Reply> {
        let id = namespace.nextAckID()
        let packet: EncodedPacket?
        do {
            packet = try namespace.packet(EventName(checking: name), id: id, repeat each arguments)
        } catch {
            namespace.context.logEncodingFailure(error, name)
            packet = nil
        }
        return BroadcastReplies(await namespace.request(packet, id: id, selection, options, timeout: timeout))
    }
}
