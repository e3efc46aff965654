import SocketIOWire

/// A WebSocket message that the load sends or expects.
enum Message: Equatable {
    case text([UInt8])
    case binary([UInt8])

    static func text(_ text: String) -> Message { .text(Array(text.utf8)) }

    var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }

    private var opcode: WebSocketOpcode {
        switch self {
        case .text: .text
        case .binary: .binary
        }
    }

    /// The key is the same for all: nobody here has to be kept from guessing it.
    private static let maskingKey: UInt32 = 0x37FA_213D

    /// Appends the frame of a client.
    func appendMasked(to writer: ByteWriter, _ compressor: Compressor? = nil) {
        if let compressed = compressor?.compress(bytes) {
            WebSocketWriter.appendCompressedFrame(opcode, compressed.span, maskedWith: Self.maskingKey, to: writer)
        } else {
            WebSocketWriter.appendFrame(opcode, bytes.span, maskedWith: Self.maskingKey, to: writer)
        }
    }

    /// Appends the frame of a server.
    func appendPlain(to writer: ByteWriter, _ compressor: Compressor? = nil) {
        if let compressed = compressor?.compress(bytes) {
            WebSocketWriter.appendCompressedFrame(opcode, compressed.span, to: writer)
        } else {
            WebSocketWriter.appendFrame(opcode, bytes.span, to: writer)
        }
    }
}
