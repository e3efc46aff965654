/// What `on` returns: ends the registration when it is no longer wanted.
///
/// Letting go of it changes nothing: handlers stay until `cancel`, `off`, or the socket's end.
public struct EventSubscription: Sendable {
    private let remove: @Sendable () -> Void

    package init(_ remove: @escaping @Sendable () -> Void) {
        self.remove = remove
    }

    /// What was not registered.
    package static var none: EventSubscription { EventSubscription {} }

    /// Removes the handler; an event that is being handled is not disturbed.
    public func cancel() {
        remove()
    }
}
