import Testing

@testable import chat_client

struct OutboxTests {
    private func entry(_ line: String) -> Outbox.Entry { Outbox.Entry(command: .say(line), line: line) }

    @Test func `what is first in is first out, also after something was put back`() {
        var outbox = Outbox()
        var expected: [String] = []
        for number in 0..<1000 {
            let isKept = outbox.append(entry("\(number)"))
            #expect(isKept)
            if number % 3 == 0, let taken = outbox.popFirst() {
                outbox.putBack(taken)
                #expect(outbox.popFirst() == taken)
                expected.append(taken.line)
            }
        }
        while let taken = outbox.popFirst() { expected.append(taken.line) }
        #expect(expected == (0..<1000).map(String.init))
        #expect(outbox.isEmpty)
    }

    /// How many entries of this line fit in.
    private func fill(_ outbox: inout Outbox, with line: String) -> Int {
        var count = 0
        while outbox.append(entry(line)) { count += 1 }
        return count
    }

    @Test func `holds as many bytes as the limit says, overhead included, and again once they are taken`() {
        var outbox = Outbox()
        for line in ["", "", String(repeating: "x", count: 1000), ""] {
            #expect(fill(&outbox, with: line) == Outbox.limit / (line.utf8.count + Outbox.overhead))
            while outbox.popFirst() != nil {}
        }
        #expect(fill(&outbox, with: String(repeating: "x", count: Outbox.limit - Outbox.overhead)) == 1)
        #expect(fill(&outbox, with: "") == 0)
    }
}
