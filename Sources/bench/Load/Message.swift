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

    /// Appends the frame of a client. The key is the same for all: nobody here has to be kept from guessing it.
    func appendMasked(to writer: ByteWriter) {
        WebSocketWriter.appendFrame(opcode, bytes.span, maskedWith: 0x37FA_213D, to: writer)
    }

    /// Appends the frame of a server.
    func appendPlain(to writer: ByteWriter) {
        WebSocketWriter.appendFrame(opcode, bytes.span, to: writer)
    }
}
