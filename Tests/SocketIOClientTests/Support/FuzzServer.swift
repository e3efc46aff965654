import SocketIOWire
import Synchronization

/// Says mutated packets to whoever connects, and notices whether that was the end.
final class FuzzServer: Sendable {
    private let packets: FuzzPackets
    /// A line once all is said.
    let finished = Lines()
    /// Sessions that the client ended, or over polling began.
    let refusals = Atomic<Int>(0)
    /// What the client asked for over polling, and has to be answered.
    private let unanswered = Mutex<[Substring: [String]]>([:])
    private let ackID = Atomic<Int>(0)

    init(count: Int, seed: UInt64, isPacked: Bool = false) {
        packets = FuzzPackets(count: count, seed: seed, isPacked: isPacked)
    }

    private func next() -> [FuzzPackets.Message]? {
        if let messages = packets.next(ackID: ackID.load(ordering: .relaxed)) { return messages }
        finished.append("finished")
        return nil
    }

    // MARK: WebSocket

    func webSocket(_ connection: ScriptedServer.Connection) throws {
        try connection.acceptWebSocket()
        try connection.sendFrame(1, packets.openNext())
        var mark: UInt8 = 0
        // Mostly the namespaces are joined first; otherwise the packets come instead of the answers.
        var first: [FuzzPackets.Message]? = refusals.load(ordering: .relaxed) % 4 == 0 ? nil : []
        while let messages = first ?? next() {
            first = nil
            mark &+= 1
            do {
                for message in messages {
                    switch message {
                    case .text(let text): try connection.sendFrame(1, text)
                    case .binary(let bytes): try connection.sendFrame(2, bytes)
                    }
                }
                // Answered behind all of it, whatever it means to the layers above.
                try connection.sendFrame(9, [mark])
                while true {
                    let frame = try connection.readFrame()
                    if frame.opcode == 10, frame.payload == [mark] { break }
                    guard frame.opcode != 8 else { throw ScriptedServer.Ended() }
                    if frame.opcode == 2,
                        let packet = try? EncodedPacket(messagePack: frame.payload.span, limits: PacketLimits())
                    {
                        for reply in answers(to: "4" + String(decoding: packet.text, as: UTF8.self)) {
                            if let bytes = FuzzPackets.packed([.text(Array(reply.utf8))]) {
                                try connection.sendFrame(2, bytes)
                            }
                        }
                    }
                    if frame.opcode == 1 {
                        for reply in answers(to: String(decoding: frame.payload, as: UTF8.self)) {
                            try connection.sendText(reply)
                        }
                    }
                }
            } catch {
                refusals.wrappingAdd(1, ordering: .relaxed)
                throw error
            }
        }
        try connection.readToEnd()
    }

    private func answers(to text: String) -> [String] {
        if text.hasPrefix("40/chat,") { return [FuzzPackets.replies[1]] }
        if text.hasPrefix("40") { return [FuzzPackets.replies[0]] }
        if text.hasPrefix("42"), let id = Int(text.dropFirst(2).prefix { $0.isNumber }) {
            ackID.store(id, ordering: .relaxed)
        }
        return []
    }

    /// Bytes that may be no frames at all, and then the end.
    func frames(_ connection: ScriptedServer.Connection) throws {
        try connection.acceptWebSocket()
        guard let messages = next() else { return try connection.readToEnd() }
        var bytes: [UInt8] = []
        func append(_ opcode: UInt8, _ payload: [UInt8]) {
            let count = payload.count
            bytes +=
                [0x80 | opcode] + (count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 0xFF)])
                + payload
        }
        append(1, packets.openNext())
        append(1, Array(FuzzPackets.replies[0].utf8))
        for message in messages {
            switch message {
            case .text(let text): append(1, text)
            case .binary(let data): append(2, data)
            }
        }
        append(8, [])
        try connection.send(packets.mutate(bytes))
    }

    // MARK: Long-polling

    func polling(_ connection: ScriptedServer.Connection) throws {
        while true {
            let head = try connection.readRequest()
            let session = head.split(separator: " ")[1].split(separator: "&sid=").dropFirst().first
            if !head.hasPrefix("GET") {
                for packet in connection.body.split(separator: "\u{1E}") {
                    let answers = answers(to: String(packet))
                    unanswered.withLock { $0[session ?? "", default: []] += answers }
                }
                try respond(Array("ok".utf8), on: connection)
            } else if let session {
                let replies = unanswered.withLock { $0.removeValue(forKey: session) } ?? []
                guard let messages = next() else { return try connection.readToEnd() }
                var said = replies.map { Array($0.utf8) }
                for message in messages {
                    switch message {
                    case .text(let text): said.append(text)
                    case .binary(let bytes): said.append(Array("b".utf8) + base64(bytes))
                    }
                }
                try respond(Array(said.joined(separator: [0x1E])), on: connection)
            } else {
                refusals.wrappingAdd(1, ordering: .relaxed)
                try respond(packets.openNext(), on: connection)
            }
        }
    }

    /// Bytes that may be no response at all, and then the end.
    func responses(_ connection: ScriptedServer.Connection) throws {
        _ = try connection.readRequest()
        guard let messages = next() else { return try connection.readToEnd() }
        var body = packets.openNext()
        for case .text(let text) in messages { body += [0x1E] + text }
        try connection.send(packets.mutate(response(body)))
    }

    private func respond(_ body: [UInt8], on connection: ScriptedServer.Connection) throws {
        try connection.send(response(body))
    }

    private func response(_ body: [UInt8]) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    /// Of up to three bytes, as many as the packets here have.
    private func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for place in 0..<4 {
                output.append(place <= group.count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return output
    }
}
