import SocketIOWire
import Testing

@Suite struct AttachmentCollectorTests {
    private let start = ContinuousClock.now

    private func begin(_ text: String, _ collector: inout AttachmentCollector) throws -> PacketHead {
        let bytes = Array(text.utf8)
        let head = try PacketHead(parsing: bytes.span, limits: PacketLimits())
        collector.begin(bytes, head: head, until: start + .seconds(10))
        return head
    }

    @Test func `gathers the messages of the example of Protocol.md 4.3 in order`() throws {
        let text = #"52-["save",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]}]"#
        var collector = AttachmentCollector()
        #expect(collector.isIdle)
        #expect(collector.deadline == nil)
        let head = try begin(text, &collector)
        #expect(!collector.isIdle)
        #expect(collector.deadline == start + .seconds(10))
        #expect(try collector.receive([1, 2], limits: PacketLimits()) == nil)
        #expect(!collector.isIdle)
        #expect(collector.deadline == start + .seconds(10), "one deadline for all of them")
        let complete = try #require(try collector.receive([3], limits: PacketLimits()))
        #expect(complete.text == Array(text.utf8))
        #expect(complete.head == head)
        #expect(complete.attachments == [[1, 2], [3]])
        #expect(collector.isIdle)
        #expect(collector.deadline == nil)
    }

    @Test func `is ready for the next packet after the last attachment`() throws {
        var collector = AttachmentCollector()
        for round in 0..<5 {
            _ = try begin("61-7[{\"_placeholder\":true,\"num\":0}]", &collector)
            let complete = try collector.receive([UInt8(round)], limits: PacketLimits())
            #expect(complete?.attachments == [[UInt8(round)]])
            #expect(complete?.head.id == 7)
        }
    }

    @Test(arguments: [
        #"51-["a",{"_placeholder":true,"num":1}]"#, #"51-["a",{"_placeholder":true}]"#, #"51-["a""#,
    ])
    func `refuses a packet whose placeholders name other attachments, or that is not JSON`(text: String) throws {
        var collector = AttachmentCollector()
        _ = try begin(text, &collector)
        #expect(throws: ProtocolViolation(.malformed, "a placeholder without its attachment")) {
            try collector.receive([1], limits: PacketLimits())
        }
        #expect(collector.isIdle)
    }

    @Test func `refuses a text message where an attachment should be`() throws {
        var collector = AttachmentCollector()
        try collector.receiveText()
        _ = try begin("51-[\"a\"]", &collector)
        #expect(throws: ProtocolViolation(.unexpected, "a text message where an attachment was announced")) {
            try collector.receiveText()
        }
    }

    @Test func `refuses a binary message that no packet announced`() throws {
        var collector = AttachmentCollector()
        #expect(throws: ProtocolViolation(.unexpected, "a binary message that no packet announced")) {
            try collector.receive([1], limits: PacketLimits())
        }
        _ = try begin("51-[\"a\"]", &collector)
        _ = try collector.receive([1], limits: PacketLimits())
        #expect(throws: ProtocolViolation.self, "one too many") {
            try collector.receive([1], limits: PacketLimits())
        }
    }

    @Test func `takes attachments up to their limit together`() throws {
        var limits = PacketLimits()
        limits.attachmentBytes = 10
        var collector = AttachmentCollector()
        _ = try begin("53-[\"a\"]", &collector)
        #expect(try collector.receive([UInt8](repeating: 0, count: 4), limits: limits) == nil)
        #expect(try collector.receive([UInt8](repeating: 1, count: 6), limits: limits) == nil)
        #expect(try collector.receive([], limits: limits)?.attachments.map(\.count) == [4, 6, 0])
    }

    @Test func `refuses a byte more and lets go of what it held`() throws {
        var limits = PacketLimits()
        limits.attachmentBytes = 10
        var collector = AttachmentCollector()
        _ = try begin("52-[\"a\"]", &collector)
        _ = try collector.receive([UInt8](repeating: 0, count: 4), limits: limits)
        do {
            _ = try collector.receive([UInt8](repeating: 0, count: 7), limits: limits)
            Issue.record("eleven bytes passed")
        } catch {
            #expect(error.kind == .tooBig)
        }
        #expect(collector.isIdle)
        #expect(collector.deadline == nil)
    }

    @Test func `empty attachments count as attachments`() throws {
        var limits = PacketLimits()
        limits.attachmentBytes = 0
        var collector = AttachmentCollector()
        _ = try begin("52-[\"a\"]", &collector)
        #expect(try collector.receive([], limits: limits) == nil)
        #expect(try collector.receive([], limits: limits)?.attachments == [[], []])
    }

    @Test func `forgets everything on reset`() throws {
        var collector = AttachmentCollector()
        collector.reset()
        #expect(collector.isIdle)
        _ = try begin("52-[\"a\"]", &collector)
        _ = try collector.receive([1], limits: PacketLimits())
        collector.reset()
        #expect(collector.isIdle)
        #expect(collector.deadline == nil)
        _ = try begin("51-[\"b\"]", &collector)
        #expect(try collector.receive([2], limits: PacketLimits())?.attachments == [[2]])
    }

    @Test func `gathers as many as a head may announce`() throws {
        var collector = AttachmentCollector()
        _ = try begin("510-[\"a\"]", &collector)
        for index in 0..<9 { #expect(try collector.receive([UInt8(index)], limits: PacketLimits()) == nil) }
        #expect(try collector.receive([9], limits: PacketLimits())?.attachments == (0..<10).map { [$0] })
    }
}
