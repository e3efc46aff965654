/// Names that the protocol and the JavaScript API keep for themselves (Protocol.md 4.2).
package enum ReservedEvent {
    package static func contains(_ name: Span<UInt8>) -> Bool {
        guard name.count > 0, mayBegin(with: name[0]) else { return false }
        return name.equals("connect") || name.equals("connect_error")
            || name.equals("disconnect") || name.equals("disconnecting")
            || name.equals("newListener") || name.equals("removeListener")
    }

    /// Whether one of the names begins with `byte`, as most other names do not.
    package static func mayBegin(with byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "n"), UInt8(ascii: "r"): true
        default: false
        }
    }
}
