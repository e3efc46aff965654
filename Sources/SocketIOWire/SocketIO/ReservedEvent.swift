/// Names that the protocol and the JavaScript API keep for themselves (Protocol.md 4.2).
package enum ReservedEvent {
    /// Whether one of the names has `count` bytes.
    package static func mayContain(count: Int) -> Bool {
        switch count {
        case 7, 10, 11, 13, 14: true
        default: false
        }
    }

    package static func contains(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 7: name.equals("connect")
        case 10: name.equals("disconnect")
        case 11: name.equals("newListener")
        case 13: name.equals("connect_error") || name.equals("disconnecting")
        case 14: name.equals("removeListener")
        default: false
        }
    }
}
