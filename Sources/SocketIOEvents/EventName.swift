internal import SocketIOWire

/// The name of an event; equal to another if their bytes are, as in JavaScript.
///
/// A literal or a `String` does wherever one is asked for. Six names are reserved: `connect`, `connect_error`,
/// `disconnect`, `disconnecting`, `newListener`, `removeListener`. Written as a literal, one of them is a mistake in the
/// program and stops it, with what to write instead. As a `String`, which may come from a peer, it harms nobody:
/// `EventName(_:)` returns nil, and what is given the `String` reports `ReservedEventName` and does nothing.
///
/// `EventName("connect")` is a literal too, for which Swift chooses `init(stringLiteral:)`: it stops the process and
/// never is nil.
public struct EventName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let description: String

    /// A name that is known at run time only, as a `String`; nil if it is reserved (Protocol.md 4.2).
    public init?(_ name: String) {
        guard !Self.isReserved(name) else { return nil }
        description = name
    }

    /// The same, which throws if the name is reserved.
    package init(checking name: String) throws(ReservedEventName) {
        guard !Self.isReserved(name) else { throw ReservedEventName(name) }
        description = name
    }

    public init(stringLiteral name: String) {
        if Self.isReserved(name) { fatalError(ReservedEventName(name).description) }
        description = name
    }

    public static func == (left: EventName, right: EventName) -> Bool {
        left.description.hasSameBytes(as: right.description)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteName(description))
    }

    private static func isReserved(_ name: String) -> Bool {
        // Asked with each event that is sent: most need no span.
        guard let first = name.utf8.first, ReservedEvent.mayBegin(with: first) else { return false }
        return ReservedEvent.contains(name.utf8.span)
    }
}
