import SocketIOWire
import TestSupport
import Testing

@Suite struct CompactIDTests {
    @Test func `keeps the text of every id that is drawn`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let text = EngineSessionID.random(using: &random)
            #expect(CompactID(text).description == text)
        }
        for text in ["AAAAAAAAAAAAAAAAAAAA", "____________________", "-_-_-_-_-_0123456789"] {
            #expect(CompactID(text).description == text)
        }
    }

    @Test(arguments: [
        "", "a", "AAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAA=",
        "éééééééééé", "user-7", "\0", "AAAAAAAAAA AAAAAAAAA", String(repeating: "x", count: 100_000),
    ])
    func `keeps any other text`(text: String) {
        #expect(CompactID(text).description == text)
        #expect(CompactID(text) == CompactID(text))
        #expect(CompactID(text) != CompactID("AAAAAAAAAAAAAAAAAAAA"))
    }

    @Test func `ids that differ in one character differ, wherever it is`() {
        let text = Array("AbCdEfGhIjKlMnOpQrSt")
        var seen: Set<CompactID> = [CompactID(String(text))]
        for place in text.indices {
            var other = text
            other[place] = "_"
            seen.insert(CompactID(String(other)))
        }
        #expect(seen.count == 21)
        #expect(seen.contains(CompactID(String(text))))
    }

    @Test func `takes 16 bytes`() {
        #expect(MemoryLayout<CompactID>.size == 16)
    }
}
