import NetLoop
import SocketIOWire

extension ScalingOperation {
    /// Messages in pieces, attachments, packets of a payload; and timers, which everything else stands on.
    static func frames() -> [ScalingOperation] {
        [
            plain("fragments-at-once", 256) { count in
                let frames = fragments(count)
                return { try readMessage(frames) { [$0[...]] } }
            },
            plain("fragments-one-by-one", 256) { count in
                let frames = fragments(count)
                return { try readMessage(frames) { bytes in bytes.indices.map { bytes[$0...$0] } } }
            },
            plain("frames-of-messages", 256) { count in
                let frames = ScalingPeer.frames(Array(repeating: "a message", count: count))
                return { try readMessage(frames, count) { [$0[...]] } }
            },
            plain("packets-of-a-payload", 256) { count in
                let body = Array(Array(repeating: #"42["event",1]"#, count: count).joined(separator: "\u{1E}").utf8)
                return {
                    var payload = EnginePayload(maxPackets: .max)
                    for _ in 0..<count where try payload.next(in: body.span) == nil { throw LoadFailure("lost") }
                }
            },
            plain("attachments-collected", 64) { count in
                let text = Array(#"5\#(count)-["event"]"#.utf8)
                let head = try PacketHead(parsing: text.span, limits: packetLimits)
                return {
                    var collector = AttachmentCollector()
                    collector.begin(text, head: head, until: .now)
                    for index in 1...count {
                        let complete = try collector.receive([7], limits: packetLimits)
                        guard (complete != nil) == (index == count) else { throw LoadFailure("lost") }
                    }
                }
            },
            plain("attachments-decoded", 128) { count in
                let list = (0..<count).map { #"{"_placeholder":true,"num":\#($0)}"# }.joined(separator: ",")
                let (text, attachments) = (
                    Array("[\(list)]".utf8), Array(repeating: [UInt8](repeating: 7, count: 8), count: count)
                )
                return { _ = try JSONCoding.decode([[UInt8]].self, from: text.span, attachments: attachments) }
            },
            plain("arguments-of-an-event", 256) { count in
                let text = Array("2[\"event\"\(String(repeating: ",1", count: count))]".utf8)
                return {
                    let payload = try EventPayload(parsingEvent: text.span, from: 1, limits: packetLimits)
                    var cursor = ArgumentList.Cursor()
                    for _ in 0..<count where cursor.next(of: payload.arguments, in: text.span) == nil {
                        throw LoadFailure("lost")
                    }
                }
            },
            plain("offline-buffer-filled", 256) { count in
                {
                    var buffer = OfflineBuffer<Int>(maxCount: .max, maxBytes: .max, dropsOldest: false)
                    for number in 0..<count { _ = buffer.append(number, byteCount: 1) }
                    guard buffer.takeAll().count == count else { throw LoadFailure("lost") }
                }
            },
            plain("offline-buffer-overflowing", 256) { count in
                var buffer = OfflineBuffer<Int>(maxCount: count, maxBytes: .max, dropsOldest: true)
                for number in 0..<count { _ = buffer.append(number, byteCount: 1) }
                let full = buffer
                return {
                    var buffer = full
                    for number in 0..<count { _ = buffer.append(number, byteCount: 1) }
                    guard buffer.count == count else { throw LoadFailure("lost") }
                }
            },
            plain("timers-set-and-cancelled", 256) { count in
                {
                    var wheel = TimerWheel<Int>()
                    let timers = (0..<count).map { wheel.insert($0, due: UInt64($0 % 64)) }
                    for index in timers.indices.shuffled { wheel.cancel(timers[index]) }
                    guard wheel.count == 0 else { throw LoadFailure("lost") }
                }
            },
            plain("timers-at-one-time", 256) { count in
                {
                    var wheel = TimerWheel<Int>()
                    for number in 0..<count { _ = wheel.insert(number, due: 10_000) }
                    try fire(&wheel, count)
                }
            },
            plain("timers-at-all-times", 256) { count in
                {
                    var wheel = TimerWheel<Int>()
                    for number in 0..<count { _ = wheel.insert(number, due: UInt64(number * 7919 % 4096)) }
                    try fire(&wheel, count)
                }
            },
        ]
    }

    private static var packetLimits: PacketLimits {
        var limits = PacketLimits()
        limits.attachments = .max
        return limits
    }

    private static func fire(_ wheel: inout TimerWheel<Int>, _ count: Int) throws {
        var due: [TimerID] = []
        wheel.advance(to: 10_000, into: &due)
        for timer in due where wheel.take(timer) == nil { throw LoadFailure("lost") }
        guard due.count == count, wheel.count == 0 else { throw LoadFailure("lost") }
    }

    /// A text message of so many frames, masked with zeros: reading it changes nothing.
    private static func fragments(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { index -> [UInt8] in
            let first: UInt8 = (index == 0 ? 1 : 0) | (index == count - 1 ? 0x80 : 0)
            return [first, 0x81, 0, 0, 0, 0, UInt8(ascii: "x")]
        }
    }

    /// Reads `frames` in the pieces that `split` makes of them.
    private static func readMessage(
        _ frames: [UInt8], _ count: Int = 1, _ split: ([UInt8]) -> [ArraySlice<UInt8>]
    ) throws {
        var reader = WebSocketReader(role: .server)
        var messages = 0
        let writer = ByteWriter()
        for piece in split(frames) {
            writer.truncate(to: 0)
            writer.append(piece)
            messages += try writer.withMutableBytes(in: 0..<piece.count) { bytes throws(WebSocketFailure) in
                var (cursor, messages) = (0, 0)
                while try reader.next(&bytes, from: &cursor) != nil { messages += 1 }
                return messages
            }
        }
        guard messages == count else { throw LoadFailure("\(messages) messages") }
    }
}
