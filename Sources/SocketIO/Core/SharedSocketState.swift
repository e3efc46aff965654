internal import Synchronization

/// What the application reads of a socket from any thread. The locks are taken for rooms and values, not for messages.
final class SharedSocketState: Sendable {
    /// The payload of the CONNECT.
    let auth: [UInt8]
    let memberships = Mutex(Memberships())
    let values = Mutex<Values>([:])

    typealias Values = [ValueKey: any Sendable]

    /// By what the client can come back, if that is on.
    let recovery: SocketRecovery?

    init(auth: [UInt8] = [], recovery: SocketRecovery? = nil) {
        self.auth = auth
        self.recovery = recovery
    }

    struct ValueKey: Hashable {
        private let name: String
        private let type: ObjectIdentifier

        init<Value>(_ key: SocketKey<Value>) {
            name = key.name
            type = ObjectIdentifier(Value.self)
        }
    }
}

extension Socket {
    var madeShared: SharedSocketState { shared.load() ?? shared.storeIfNil(SharedSocketState()) }

    /// A value that the application keeps with the socket, until the socket itself is gone.
    public subscript<Value>(key: SocketKey<Value>) -> Value? {
        get { shared.load()?.values.withLock { $0[SharedSocketState.ValueKey(key)] } as? Value }
        set {
            // The old value ends when the lock is free again: its code may come back here.
            let old = madeShared.values.withLock { values in
                let old = values[SharedSocketState.ValueKey(key)]
                values[SharedSocketState.ValueKey(key)] = newValue
                return old
            }
            withExtendedLifetime(old) {}
        }
    }
}
