import SocketIOWire

/// What a reader reports, with the payloads copied out so that chunking makes no difference.
enum WebSocketSeen: Equatable {
    case text(String)
    case binary([UInt8])
    case compressed(WebSocketEvent.CompressedKind, [UInt8])
    case ping([UInt8])
    case pong
    case close(UInt16?, String)
    case failure(UInt16)
}

extension WebSocketReader {
    /// Reads `chunks` one after the other, as a loop does.
    ///
    /// - Parameter asksForText: Whether whole text messages are asked for on their own, as the server does.
    mutating func read(_ chunks: [[UInt8]], asksForText: Bool = true) -> [WebSocketSeen] {
        var seen: [WebSocketSeen] = []
        for var chunk in chunks {
            let count = chunk.count
            var cursor = 0
            var bytes = chunk.mutableSpan
            do throws(WebSocketFailure) {
                while true {
                    if asksForText, let range = try nextText(&bytes, from: &cursor) {
                        seen.append(WebSocketSeen(.text(.inPlace(range)), bytes.span))
                    } else if let event = try next(&bytes, from: &cursor) {
                        seen.append(WebSocketSeen(event, bytes.span))
                    } else {
                        break
                    }
                }
            } catch {
                seen.append(.failure(error.code.rawValue))
            }
            precondition(cursor == count, "a chunk is always used up")
        }
        return seen
    }
}

extension WebSocketSeen {
    init(_ event: WebSocketEvent, _ bytes: Span<UInt8>) {
        func copy(_ payload: WebSocketPayload) -> [UInt8] {
            switch payload {
            case .inPlace(let range): range.map { bytes[$0] }
            case .assembled(let bytes): bytes
            }
        }
        switch event {
        case .text(let payload): self = .text(String(validating: copy(payload), as: UTF8.self)!)
        case .binary(let payload): self = .binary(copy(payload))
        case .compressed(let kind, let payload): self = .compressed(kind, payload)
        case .ping(let payload): self = .ping(copy(payload))
        case .pong: self = .pong
        case .close(let code, let reason):
            self = .close(code?.rawValue, String(validating: copy(reason), as: UTF8.self)!)
        }
    }
}

/// A frame as a client sends it, with whatever is wrong with it: `first` is FIN, RSV and opcode.
func clientFrame(_ first: UInt8, _ payload: [UInt8], key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]) -> [UInt8] {
    var frame = [first]
    switch payload.count {
    case ..<126: frame.append(0x80 | UInt8(payload.count))
    case ..<65536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        frame.append(0x80 | 127)
        frame += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: payload.count >> $0) }
    }
    return frame + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
}

func clientFrame(_ first: UInt8, _ text: String) -> [UInt8] {
    clientFrame(first, Array(text.utf8))
}
