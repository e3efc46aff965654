// WebSocket as a test writes it (RFC 6455).

/// A frame as it came.
package struct RawFrame: Sendable, Equatable {
    package enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    package let opcode: Opcode
    package let isFinal: Bool
    /// RSV1 (RFC 7692 6).
    package let isCompressed: Bool
    package let payload: [UInt8]

    package init(_ opcode: Opcode, isFinal: Bool = true, isCompressed: Bool = false, _ payload: [UInt8]) {
        self.isCompressed = isCompressed
        self.opcode = opcode
        self.isFinal = isFinal
        self.payload = payload
    }

    package var text: String { String(decoding: payload, as: UTF8.self) }

    /// The code of a close frame, nil if it has none.
    package var closeCode: Int? {
        opcode == .close && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
    }
}

extension RawClient {
    /// The fields of a handshake, with the sample key of RFC 6455 1.3.
    package static let upgradeFields = [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    /// Asks for a WebSocket; the response is 101 if it is one.
    package func upgrade(_ target: String, _ fields: [(String, String)] = []) throws -> RawResponse {
        try sendRequest("GET", target, Self.upgradeFields + fields)
        return try response()
    }

    /// Opens a WebSocket, or throws with what came instead.
    package func openWebSocket(_ target: String, _ fields: [(String, String)] = []) throws {
        let response = try upgrade(target, fields)
        guard response.status == 101, response["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            throw RawClientError(description: "no WebSocket: \(response.status) \(response.text)")
        }
    }

    /// A frame as a client sends it; `firstByte` and the mask can be wrong on purpose.
    package static func frame(
        firstByte: UInt8, _ payload: [UInt8], mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    ) -> [UInt8] {
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        var bytes = [firstByte]
        switch payload.count {
        case ...125: bytes.append(maskBit | UInt8(payload.count))
        case ...0xFFFF: bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(maskBit | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard let mask else { return bytes + payload }
        bytes += mask
        bytes += payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return bytes
    }

    /// A text message in one frame.
    package static func textFrame(_ text: String) -> [UInt8] {
        frame(firstByte: 0x81, Array(text.utf8))
    }

    package func sendText(_ text: String) throws {
        try send(Self.textFrame(text))
    }

    package func sendBinary(_ bytes: [UInt8]) throws {
        try send(Self.frame(firstByte: 0x82, bytes))
    }

    package func sendClose(_ code: Int? = nil) throws {
        try send(Self.frame(firstByte: 0x88, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []))
    }

    /// The next frame.
    package func receiveFrame() throws -> RawFrame {
        let head = try receive(2)
        guard let opcode = RawFrame.Opcode(rawValue: head[0] & 0x0F), head[0] & 0x30 == 0, head[1] & 0x80 == 0 else {
            throw RawClientError(description: "no frame of a server: \(head)")
        }
        var count = Int(head[1])
        if count >= 126 { count = try receive(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
        return RawFrame(
            opcode, isFinal: head[0] & 0x80 != 0, isCompressed: head[0] & 0x40 != 0, try receive(count))
    }

    /// The next message, which must be text in one frame.
    package func receiveText() throws -> String {
        let frame = try receiveFrame()
        guard frame.opcode == .text, frame.isFinal, !frame.isCompressed else {
            throw RawClientError(description: "no text: \(frame)")
        }
        return frame.text
    }

    /// Reads up to the close frame and returns its code; nil if it has none.
    package func receiveClose() throws -> Int? {
        try inOneWait {
            while true {
                let frame = try receiveFrame()
                if frame.opcode == .close { return frame.closeCode }
            }
        }
    }
}
