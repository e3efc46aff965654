import SocketIOWire
import Synchronization
import TestSupport

/// What servers say, mutated: the same for the same seed.
final class FuzzPackets: Sendable {
    enum Message: Sendable {
        case text([UInt8])
        case binary([UInt8])
    }

    private struct State {
        var generator: SeededGenerator
        var left: Int
        var sessions = 0
    }

    private let state: Mutex<State>

    /// Whether packets are MessagePack.
    private let isPacked: Bool

    init(count: Int, seed: UInt64, isPacked: Bool = false) {
        self.isPacked = isPacked
        state = Mutex(State(generator: SeededGenerator(seed: seed), left: count))
    }

    private static let open =
        #"0{"sid":"@","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

    /// The open packet of another session each time.
    func openNext() -> [UInt8] {
        let number = state.withLock { state in
            state.sessions += 1
            return state.sessions
        }
        return Self.named(Array(Self.open.utf8), number)
    }

    static let replies = [#"40{"sid":"x","pid":"y"}"#, #"40/chat,{"sid":"z"}"#]

    private static let file = #"["file",{"_placeholder":true,"num":0}]"#

    /// Each is sent with one of its messages mutated. `@` is the acknowledgement that the client waits for.
    private static let packets: [[Message]] =
        ([
            open, "1", "2", "2probe", "3", "3probe", "5", "6", replies[0], replies[1],
            #"44{"message":"no","data":{"a":[1,2.5e3]}}"#,
            #"44/chat,"no""#, "41", "41/chat,", #"42["news",1,"two",{"a":null}]"#, #"4217["news",1,"two",{}]"#,
            #"42/chat,17["ünï\u00e9\ud83d\ude00","offset-1"]"#, #"43@["reply",true]"#, #"43@[{"a":[1,2,3]}]"#, "43@[]",
        ].map { [.text(Array($0.utf8))] }) + [
            [.text(Array("451-\(file)".utf8)), .binary([1, 2, 3])],
            [
                .text(Array(#"452-/chat,["file",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#.utf8)),
                .binary([]), .binary([9]),
            ],
            [.text(Array(#"461-@[{"_placeholder":true,"num":0}]"#.utf8)), .binary([0xFF])],
        ]

    /// The packets of Socket.IO among them.
    private static let packable = packets.filter {
        if case .text(let text) = $0[0] { text.first == UInt8(ascii: "4") && text.count > 1 } else { false }
    }

    /// One packet as MessagePack; nil if it cannot be.
    static func packed(_ messages: [Message]) -> [UInt8]? {
        guard case .text(let text) = messages[0] else { return nil }
        let attachments = messages.dropFirst().compactMap { if case .binary(let bytes) = $0 { bytes } else { nil } }
        let packet = EncodedPacket(text: Array(text.dropFirst()), attachments: attachments)
        return try? packet.messagePack(limits: PacketLimits())
    }

    /// The next messages; nil after the last.
    func next(ackID: Int) -> [Message]? {
        state.withLock { state in
            guard state.left > 0 else { return nil }
            state.left -= 1
            var messages = (isPacked ? Self.packable : Self.packets).randomElement(using: &state.generator) ?? []
            if isPacked, let packed = Self.packed(messages.map { Self.named($0, ackID) }) {
                return [.binary(state.generator.next() % 8 == 0 ? packed : state.generator.mutate(packed))]
            }
            // Now and then as it was, so that mutations also follow what changes the state.
            guard state.generator.next() % 8 != 0 else { return messages.map { Self.named($0, ackID) } }
            let place = Int.random(in: 0..<messages.count, using: &state.generator)
            switch Self.named(messages[place], ackID) {
            case .text(let text): messages[place] = .text(state.generator.mutate(text))
            case .binary(let bytes):
                messages[place] = Bool.random(using: &state.generator) ? .binary(bytes + [7]) : .text(bytes)
            }
            return messages.map { Self.named($0, ackID) }
        }
    }

    /// Bytes with some of them mutated.
    func mutate(_ bytes: [UInt8]) -> [UInt8] {
        state.withLock { $0.generator.mutate(bytes) }
    }

    private static func named(_ message: Message, _ ackID: Int) -> Message {
        guard case .text(let text) = message else { return message }
        return .text(named(text, ackID))
    }

    private static func named(_ text: [UInt8], _ number: Int) -> [UInt8] {
        text.flatMap { $0 == UInt8(ascii: "@") ? Array("\(number)".utf8) : [$0] }
    }
}
