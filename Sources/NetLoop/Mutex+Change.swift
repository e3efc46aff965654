package import Synchronization

extension Mutex where Value: Sendable {
    /// Changes the value. What is no longer part of it ends when the lock is free again: a closure or an object of the
    /// application runs its code there, which may come back here.
    package func change(_ change: (inout Value) -> Void) {
        let old = withLock { value in
            let old = value
            change(&value)
            return old
        }
        withExtendedLifetime(old) {}
    }
}
