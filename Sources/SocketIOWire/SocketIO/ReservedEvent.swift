/// Names that the protocol and the JavaScript API keep for themselves (Protocol.md 4.2).
package enum ReservedEvent {
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
