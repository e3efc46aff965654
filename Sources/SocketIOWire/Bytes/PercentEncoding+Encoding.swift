extension PercentEncoding {
    /// Appends `text` with everything but RFC 3986's unreserved bytes encoded, as `encodeURIComponent` does.
    package static func append(_ text: String, to writer: ByteWriter) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                writer.append(byte)
            default:
                writer.append(UInt8(ascii: "%"))
                writer.append(hexDigit(byte >> 4))
                writer.append(hexDigit(byte & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
