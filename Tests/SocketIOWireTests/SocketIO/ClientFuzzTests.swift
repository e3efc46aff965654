import Foundation
import TestSupport
import Testing

@testable import SocketIOWire

/// Whatever a server sends, the client refuses it or takes it; nothing traps.
@Suite struct ClientFuzzTests {
    private static let packets = [
        #"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        "1", "2", "2probe", "3probe", "6", #"40{"sid":"x"}"#, #"40{"sid":"x","pid":"y"}"#, #"40/chat,{"sid":"z"}"#,
        #"44{"message":"no","data":{"a":[1,2.5e3]}}"#, #"44/chat,"no""#, "41", "41/chat,",
        #"42["news",1,"two",{"a":null}]"#,
        #"42/chat,17["ünï\u00e9\ud83d\ude00","offset-1"]"#, "4317[]", #"4317["reply",true]"#,
        #"451-["file",{"_placeholder":true,"num":0}]"#, #"461-17[{"_placeholder":true,"num":0}]"#, "bAQIDBA==",
    ].map { Array($0.utf8) }

    /// The machines of one connection, as a manager composes them.
    private struct Receiver {
        var session: EngineClientSession
        var link = NamespaceLink()
        var collector = AttachmentCollector()
        let limits = PacketLimits()
        let now = ContinuousClock.Instant.now

        init() {
            session = EngineClientSession(transport: .polling, upgrades: true)
            link.want(now: now, timeout: .seconds(1))
            _ = link.connectionOpened()
            link.connectSent(now: now, timeout: .seconds(1))
        }

        mutating func receive(payload: Span<UInt8>) throws {
            var packets = EnginePayload(maxPackets: 100)
            while let packet = try packets.next(in: payload) {
                switch packet {
                case .binary(let bytes):
                    if let complete = try collector.receive(bytes, limits: limits) {
                        let text = complete.text.span
                        let rest = text.extracting(complete.head.payloadStart..<text.count)
                        try JSONScanner.validate(rest, maximumDepth: limits.jsonDepth)
                        try JSONScanner.validatePlaceholders(rest, attachmentCount: complete.attachments.count)
                        try receive(complete.head, text)
                    }
                case .text(_, let content):
                    let text = payload.extracting(content.lowerBound - 1..<content.upperBound)
                    session.receiveProbe(text)
                    guard try session.receive(text, now: now) == .message else { continue }
                    try receive(message: text.extracting(1..<text.count))
                }
            }
            session.pollEnded(now: now)
            _ = session.takeActions()
        }

        private mutating func receive(message text: Span<UInt8>) throws {
            guard collector.isIdle else { throw ProtocolViolation(.unexpected, "text") }
            let head = try PacketHead(parsing: text, limits: limits)
            guard head.attachmentCount == 0 else {
                return collector.begin(Array(text), head: head, until: now)
            }
            try receive(head, text)
        }

        private mutating func receive(_ head: PacketHead, _ text: Span<UInt8>) throws {
            let payload = text.extracting(head.payloadStart..<text.count)
            switch head.type {
            case .connect: _ = try link.receiveConnected(ConnectReply(parsing: payload))
            case .connectError:
                _ = try ConnectRefusal(parsing: payload)
                _ = try link.receiveRefusal()
            case .disconnect: _ = link.receiveDisconnect()
            case .event, .binaryEvent:
                let event = try EventPayload(parsingEvent: text, from: head.payloadStart, limits: limits)
                try decode(event, text)
            case .ack, .binaryAck:
                try decode(EventPayload(parsingAck: text, from: head.payloadStart, limits: limits), text)
            }
        }

        private mutating func decode(_ event: EventPayload, _ text: Span<UInt8>) throws {
            var cursor = ArgumentList.Cursor()
            while let argument = cursor.next(of: event.arguments, in: text) {
                let attachments: [[UInt8]] = [[1], [2]]
                let value = try JSONCoding.decode(
                    JSONValue.self, from: text.extracting(argument.range), attachments: attachments)
                if let offset = value.stringValue { link.note(offset: offset) }
            }
        }
    }

    @Test func `mutated packets are refused or taken`() {
        let count = ProcessInfo.processInfo.environment["FUZZ_PACKETS"].flatMap { Int($0) } ?? 100_000
        var generator = SeededGenerator(seed: 4)
        let open = Self.packets[0]
        let connected = Self.packets[6]
        var taken = 0
        for round in 0..<count {
            var receiver = Receiver()
            if round % 4 != 0 { try? receiver.receive(payload: open.span) }
            if round % 2 != 0 { try? receiver.receive(payload: connected.span) }
            let chosen = Self.packets[Int(truncatingIfNeeded: generator.next() % UInt64(Self.packets.count))]
            var payload = generator.mutate(chosen)
            if round % 8 == 0 { payload += [0x1E] + generator.mutate(Self.packets[round / 8 % Self.packets.count]) }
            if (try? receiver.receive(payload: payload.span)) != nil { taken += 1 }
        }
        // Of both kinds there are many; otherwise it would test one branch only.
        #expect(taken > count / 20 && taken < count * 19 / 20)
    }
}
