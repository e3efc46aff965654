extension ByteWriter {
    /// Writes `value` in MessagePack, each number and length in its shortest form.
    ///
    /// Numbers are exact: whole ones that 64 bits do not hold, and negative zero, are floats.
    package func append(messagePack value: JSONValue) {
        switch value {
        case .null: append(0xC0)
        case .bool(let value): append(value ? 0xC3 : 0xC2)
        case .integer(let value): append(messagePack: value)
        case .number(let value): append(messagePack: value)
        case .string(let text): append(messagePack: text)
        case .array(let values):
            appendCount(values.count, short: 0x90, limit: 16, long: 0xDC)
            for value in values { append(messagePack: value) }
        case .object(let object):
            appendCount(object.count, short: 0x80, limit: 16, long: 0xDE)
            for member in object {
                append(messagePack: member.key)
                append(messagePack: member.value)
            }
        case .binary(let bytes):
            appendBytesCount(bytes.count, long: 0xC4)
            append(bytes)
        }
    }

    package func append(messagePack text: String) {
        var text = text
        let count = text.utf8.count
        if count < 32 {
            append(0xA0 | UInt8(count))
        } else {
            appendBytesCount(count, long: 0xD9)
        }
        text.makeContiguousUTF8()
        append(utf8: text)
    }

    package func append(messagePack value: Int64) {
        switch value {
        case 0...0x7F: append(UInt8(value))
        case 0x80...0xFF: append(0xCC, UInt8(value))
        case 0x100...0xFFFF: append(0xCD, UInt16(value))
        case 0x1_0000...0xFFFF_FFFF: append(0xCE, UInt32(value))
        case 0x1_0000_0000...: append(0xCF, UInt64(value))
        case -32..<0: append(UInt8(bitPattern: Int8(value)))
        case -0x80..<0: append(0xD0, UInt8(bitPattern: Int8(value)))
        case -0x8000..<0: append(0xD1, UInt16(bitPattern: Int16(value)))
        case -0x8000_0000..<0: append(0xD2, UInt32(bitPattern: Int32(value)))
        default: append(0xD3, UInt64(bitPattern: value))
        }
    }

    private func append(messagePack value: Double) {
        if let whole = Int64(whole: value), whole != 0 || value.sign == .plus {
            append(messagePack: whole)
        } else if value.isFinite {
            append(0xCB, value.bitPattern)
        } else {
            // As in JSON.
            append(0xC0)
        }
    }

    /// Begins an array or a map.
    package func appendCount(_ count: Int, short: UInt8, limit: Int, long: UInt8) {
        if count < limit {
            append(short | UInt8(count))
        } else if let count = UInt16(exactly: count) {
            append(long, count)
        } else {
            append(long + 1, UInt32(truncatingIfNeeded: count))
        }
    }

    private func appendBytesCount(_ count: Int, long: UInt8) {
        if let count = UInt8(exactly: count) {
            append(long, count)
        } else if let count = UInt16(exactly: count) {
            append(long + 1, count)
        } else {
            append(long + 2, UInt32(truncatingIfNeeded: count))
        }
    }

    private func append<Integer: FixedWidthInteger>(_ type: UInt8, _ value: Integer) {
        append(type)
        for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }
}
