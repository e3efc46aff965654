// Packets of one plain value: to write it runs no code of the application, and it brings no attachments. Such a packet
// can be written where it is sent from.

extension ByteWriter {
    /// About how many bytes `value` takes; nil if it is not plain.
    @specialized(where Value == String)
    package static func plainByteCount<Value: Encodable>(of value: Value) -> Int? {
        if Value.self == String.self { return exactCast(value, to: String.self).utf8.count }
        guard Value.self == EventArguments.self else { return nil }
        let arguments = exactCast(value, to: EventArguments.self)
        return arguments.isPlain ? arguments.json.count : nil
    }

    /// Writes an EVENT.
    package func appendEvent(_ name: String, namespace: [UInt8], plain text: String) {
        beginEvent(name, namespace: namespace)
        append(json: text)
        append(UInt8(ascii: "]"))
    }

    /// Writes an EVENT.
    package func appendEvent(_ name: String, namespace: [UInt8], plain arguments: EventArguments) {
        beginEvent(name, namespace: namespace)
        append(arguments.json)
        append(UInt8(ascii: "]"))
    }

    @inline(always)
    private func beginEvent(_ name: String, namespace: [UInt8]) {
        // Its head has no id, and most have no namespace.
        append(PacketType.event.rawValue)
        if !namespace.isEmpty { appendNamespace(namespace) }
        append(UInt8(ascii: "["))
        append(json: name)
        append(UInt8(ascii: ","))
    }

    /// Writes an ACK.
    @specialized(where Value == String)
    package func appendAck<Value: Encodable>(_ id: UInt64, namespace: [UInt8], plain value: Value) {
        appendPacketHead(.ack, namespace: namespace, id: id)
        append(UInt8(ascii: "["))
        appendPlain(value)
        append(UInt8(ascii: "]"))
    }

    @inline(__always)
    private func appendPlain<Value: Encodable>(_ value: Value) {
        if Value.self == String.self {
            append(json: exactCast(value, to: String.self))
        } else {
            append(exactCast(value, to: EventArguments.self).json)
        }
    }
}

extension EventArguments {
    /// Whether there are some, and they bring no attachment.
    package var isPlain: Bool { count > 0 && attachments.isEmpty }
}
