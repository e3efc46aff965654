internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A communication channel of its own over the shared connections: `io.namespace("/admin")`.
///
/// Lives as long as its server.
public final class Namespace: NamespaceRegistration, BroadcastEmitter {
    /// `/`, or `/` and a name.
    public let name: String

    /// Empty for the main namespace, as on the wire.
    let wireName: [UInt8]
    /// Its place in each loop's table.
    let ordinal: Int
    let context: ServerContext
    /// Guards what is registered; the loops keep copies and look at `version` only.
    private let handlers = Mutex(NamespaceHandlers())
    private let version = Atomic<Int>(0)
    private let lastAckID = Atomic<UInt64>(0)

    init(name: String, ordinal: Int, context: ServerContext) {
        self.name = name
        self.ordinal = ordinal
        self.context = context
        wireName = name == "/" ? [] : Array(name.utf8)
    }

    public var registrationNamespace: Namespace { self }
    public var broadcast: Broadcast { Broadcast(in: self) }

    func register(_ change: (inout NamespaceHandlers) -> Void) {
        handlers.change(change)
        version.wrappingAdd(1, ordering: .releasing)
    }

    /// Changes with every registration.
    var handlersVersion: Int {
        @inline(__always) get { version.load(ordering: .acquiring) }
    }

    /// What is registered, and its version or an earlier one.
    func currentHandlers() -> (NamespaceHandlers, version: Int) {
        let version = handlersVersion
        return (handlers.withLock { $0 }, version)
    }

    /// Ids of acknowledgements are unique in the namespace, so that a broadcast with acknowledgement is encoded once.
    func nextAckID() -> UInt64 {
        lastAckID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// Carries out `command` on all loops: at once on the caller's, if it is one of them.
    func perform(_ command: NamespaceCommand) {
        guard let shards = context.shards else { return }
        for shard in shards {
            let message = NamespaceMessage(shard: shard, ordinal: ordinal, command: command)
            if shard.loop.isCurrent {
                message.deliver(on: shard.loop)
            } else {
                shard.loop.post(message)
            }
        }
    }
}
