import NetLoop

/// One connection of the floor.
final class FloorConnection {
    private let descriptor: OwnedDescriptor
    /// Whether it speaks WebSocket by now.
    var isOpen = false
    /// A frame that has not arrived whole.
    var partial: FloorRegion?
    /// What the kernel did not take.
    var unsent: FloorRegion?

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    var socket: CInt { descriptor.rawValue }
}
