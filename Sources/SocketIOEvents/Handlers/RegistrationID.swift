internal import Synchronization

/// Ids of registrations.
package enum RegistrationID {
    private static let last = Atomic<UInt64>(0)

    package static func next() -> UInt64 {
        last.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
