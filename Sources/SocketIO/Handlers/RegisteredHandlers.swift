internal import NetLoop
internal import Synchronization

/// What is registered on a namespace, by any thread. The loops keep copies, and look at `version` only.
struct RegisteredHandlers: ~Copyable, Sendable {
    private let registry = Mutex(HandlerRegistry())
    private let changes = Atomic<Int>(0)

    /// Changes with every registration.
    var version: Int {
        @inline(__always) get { changes.load(ordering: .acquiring) }
    }

    /// As it is now.
    var current: HandlerRegistry { registry.withLock { $0 } }

    func change(_ body: (inout HandlerRegistry) -> Void) {
        registry.withLock { body(&$0) }
        changes.wrappingAdd(1, ordering: .releasing)
    }

    func forgetAll() {
        registry.change { $0 = HandlerRegistry(after: $0) }
        changes.wrappingAdd(1, ordering: .releasing)
    }

    /// What was registered or removed since a loop knew this.
    func update(since known: KnownHandlers) -> HandlersUpdate {
        registry.withLock { registry in
            let (lifecycle, areAll) = registry.lifecycle(since: known.lifecycle)
            return HandlersUpdate(
                lifecycle: lifecycle, isAllOfLifecycle: areAll, events: registry.update(since: known.eventVersion),
                known: KnownHandlers(lifecycle: registry.lifecycleState, eventVersion: registry.eventVersion))
        }
    }

    /// The handlers of what other nodes send to servers under this name.
    func serverSide(of name: [UInt8]) -> [ServerSideHandler] {
        registry.withLock { $0.serverSide[name] ?? [] }
    }
}
