// Packets as text: `<type>[<n>-][/nsp,][id][json]` (Protocol.md 4.1).

extension ByteWriter {
    /// Writes the head of a packet. `namespace` is empty for the main one.
    package func appendPacketHead(
        _ type: PacketType, attachmentCount: Int = 0, namespace: [UInt8], id: UInt64? = nil
    ) {
        append(type.rawValue)
        if type.isBinary {
            append(decimal: attachmentCount)
            append(UInt8(ascii: "-"))
        }
        if !namespace.isEmpty { appendNamespace(namespace) }
        if let id { append(decimal: id) }
    }

    func appendNamespace(_ name: [UInt8]) {
        append(name)
        append(UInt8(ascii: ","))
    }

    /// Writes the CONNECT reply, which tells the client its socket's id, and the one by which it can come back.
    package func appendConnected(namespace: [UInt8], socketID: String, recoveryID: String? = nil) {
        appendPacketHead(.connect, namespace: namespace)
        append("{\"sid\":")
        append(json: socketID)
        if let recoveryID {
            append(",\"pid\":")
            append(json: recoveryID)
        }
        append("}")
    }

    /// Writes a refusal; `data` is JSON, empty if there is none.
    package func appendConnectError(namespace: Span<UInt8>, message: String, data: [UInt8]) {
        append(PacketType.connectError.rawValue)
        if namespace.count > 0 {
            append(namespace)
            append(UInt8(ascii: ","))
        }
        append("{\"message\":")
        append(json: message)
        if !data.isEmpty {
            append(",\"data\":")
            append(data)
        }
        append("}")
    }

    /// Writes a middleware's refusal as Socket.IO 2 has it: what it gave, or its words. `data` is JSON, empty if there is none.
    package func appendError(namespace: [UInt8], message: String, data: [UInt8]) {
        appendPacketHead(.connectError, namespace: namespace)
        if data.isEmpty { append(json: message) } else { append(data) }
    }
}

/// A packet that is written once and sent to any number of sockets.
package struct EncodedPacket: Equatable, Sendable {
    /// The packet's text, without the Engine.IO type.
    package let text: [UInt8]
    /// The binary messages that follow it.
    package let attachments: [[UInt8]]

    package init(text: [UInt8], attachments: [[UInt8]] = []) {
        self.text = text
        self.attachments = attachments
    }

    /// What it holds in memory, with the overhead of its arrays and of what names it.
    package var byteCount: Int {
        attachments.reduce(text.count + Self.overhead) { $0 + $1.count + Self.overhead }
    }

    private static let overhead = 128
}
