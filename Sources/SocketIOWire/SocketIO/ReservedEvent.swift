/// Names that the protocol and the JavaScript API keep for themselves (Protocol.md 4.2).
package enum ReservedEvent {
    package static func contains(_ name: Span<UInt8>) -> Bool {
        guard name.count > 0 else { return false }
        // Most names begin with another letter.
        return switch name[0] {
        case UInt8(ascii: "c"): name.equals("connect") || name.equals("connect_error")
        case UInt8(ascii: "d"): name.equals("disconnect") || name.equals("disconnecting")
        case UInt8(ascii: "n"): name.equals("newListener")
        case UInt8(ascii: "r"): name.equals("removeListener")
        default: false
        }
    }
}
