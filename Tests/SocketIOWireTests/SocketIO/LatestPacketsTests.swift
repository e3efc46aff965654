import SocketIOWire
import Testing

@Suite struct LatestPacketsTests {
    private func packet(_ text: String, _ attachments: [[UInt8]] = []) -> EncodedPacket {
        EncodedPacket(text: Array(text.utf8), attachments: attachments)
    }

    @Test func `the newest of each name is kept, in the order in which the names came`() {
        var latest = LatestPackets()
        for text in ["a1", "b1", "a2", "c1", "b2"] {
            let kept1 = latest.keep(packet(text), name: [text.utf8.first ?? 0], limit: .max)
            #expect(kept1)
        }
        let taken1 = latest.takeAll()
        #expect(taken1 == [packet("a2"), packet("b2"), packet("c1")])
        #expect(latest.isEmpty)
        #expect(latest.byteCount == 0)
        let taken2 = latest.takeAll()
        #expect(taken2 == [])
    }

    @Test func `what it holds is counted, with names, attachments and overhead, and limited`() {
        var latest = LatestPackets()
        let small = packet("small")
        let large = packet("large", [Array(repeating: 0, count: 1000)])
        let room = small.byteCount + 1 + 128
        let kept2 = latest.keep(small, name: [1], limit: room - 1)
        #expect(!kept2)
        #expect(latest.isEmpty && latest.byteCount == 0)
        let kept3 = latest.keep(small, name: [1], limit: room)
        #expect(kept3)
        #expect(latest.byteCount == room)
        let kept4 = latest.keep(large, name: [1], limit: room)
        #expect(!kept4)
        #expect(latest.byteCount == room)
        let kept5 = latest.keep(large, name: [1], limit: room + large.byteCount - small.byteCount)
        #expect(kept5)
        let kept6 = latest.keep(small, name: [1], limit: room)
        #expect(kept6)
        #expect(latest.byteCount == room)
        let taken3 = latest.takeAll()
        #expect(taken3 == [small])
    }

    @Test(arguments: [
        (#"2["name",1]"#, "name"), (#"2/nsp,["a\"b\\",1]"#, #"a\"b\\"#), (#"51-/nsp,12[""]"#, ""), ("2[", ""), ("", ""),
        (#"2["open\"#, #"open\"#), (#"2/a[b,["name",1]"#, "name"),
    ])
    func `the name of an event is found as it is written`(text: String, name: String) {
        #expect(packet(text).writtenEventName == Array(name.utf8))
    }
}
