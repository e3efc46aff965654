import SocketIOWire
import TestSupport
import Testing

@Suite struct RecoveryLogTests {
    private let begin = ContinuousClock.now

    private func log(packets: Int = 100, bytes: Int = 1_000_000, age: Duration = .seconds(60)) -> RecoveryLog<Int> {
        RecoveryLog(name: "abc", limits: .init(packets: packets, bytes: bytes, age: age))
    }

    private func entries(of log: RecoveryLog<Int>, after position: Int) -> [(position: Int, audience: Int)] {
        var entries: [(Int, Int)] = []
        log.forEach(after: position) { entries.append(($0, $1.audience)) }
        return entries
    }

    private func packet(_ text: String) -> EncodedPacket { EncodedPacket(text: Array(text.utf8)) }

    @Test func `what came after a position is there, in order, with its own position`() {
        var log = log()
        #expect(log.isComplete(after: 0) && entries(of: log, after: 0).isEmpty)
        for number in 1...5 { log.append(packet("2[\(number)]"), to: number, number: nil, now: begin) }
        #expect(log.lastPosition == 5)
        #expect(entries(of: log, after: 3).map(\.position) == [4, 5])
        #expect(entries(of: log, after: 3).map(\.audience) == [4, 5])
        #expect(entries(of: log, after: 5).isEmpty && log.isComplete(after: 5))
        #expect(!log.isComplete(after: 6) && !log.isComplete(after: -1))
    }

    @Test func `an offset names its position, and nothing else names one`() {
        var log = log()
        for number in 1...12 { log.append(packet("2[]"), to: number, number: nil, now: begin) }
        for position in 0...12 { #expect(log.position(of: log.offset(of: position)) == position) }
        let others = [
            "", "*", "0-0", "abc", "abc.", "abc.13", "abd.3", "abc.03", "abc.-1", "abc.+1", "abc. 1", "abc.1 ",
            "abc.1e0",
            "abc.٣", "abc.99999999999999999999", "ABC.1", "abc..1", String(repeating: "abc.1", count: 100_000),
        ]
        for text in others { #expect(log.position(of: text) == nil, "\(text.prefix(30))") }
    }

    @Test func `the oldest go where there are too many, too many bytes, or they are too old`() {
        var few = log(packets: 3)
        for number in 1...100 { few.append(packet("2[]"), to: number, number: nil, now: begin) }
        #expect(few.count == 3 && entries(of: few, after: 0).map(\.audience) == [98, 99, 100])
        #expect(few.isComplete(after: 97) && !few.isComplete(after: 96))

        var small = log(bytes: 10_000)
        for number in 1...100 {
            small.append(packet(String(repeating: "x", count: 1_000)), to: number, number: nil, now: begin)
            #expect(small.byteCount <= 10_000)
        }
        #expect(small.count == 7 || small.count == 8, "the overhead counts")

        var old = log(age: .seconds(10))
        for number in 1...10 { old.append(packet("2[]"), to: number, number: nil, now: begin + .seconds(number)) }
        old.expire(now: begin + .seconds(15))
        #expect(entries(of: old, after: 0).map(\.audience) == [6, 7, 8, 9, 10])
    }

    @Test func `a packet over the limit is not kept, and the positions go on`() {
        var log = log(bytes: 2_000)
        log.append(packet("2[]"), to: 1, number: nil, now: begin)
        log.append(packet(String(repeating: "x", count: 3_000)), to: 2, number: nil, now: begin)
        #expect(log.count == 0 && log.byteCount == 0 && log.lastPosition == 2)
        #expect(!log.isComplete(after: 1) && log.isComplete(after: 2))
        log.append(packet("2[]"), to: 3, number: nil, now: begin)
        #expect(entries(of: log, after: 2).map(\.position) == [3])
        log.removeAll()
        #expect(log.isComplete(after: 3) && !log.isComplete(after: 2))
    }

    @Test func `a random walk keeps what a list would`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var log = log(packets: Int.random(in: 1...20, using: &generator))
            var all: [Int] = []
            var kept = 0
            for step in 1...500 {
                if Int.random(in: 0..<50, using: &generator) == 0 {
                    log.removeAll()
                    kept = 0
                } else {
                    log.append(packet("2[]"), to: step, number: nil, now: begin)
                    all.append(step)
                    kept = log.count
                }
                let position = Int.random(in: 0...all.count, using: &generator)
                let expected = all.suffix(min(kept, all.count - position))
                #expect(entries(of: log, after: position).map(\.audience) == Array(expected))
                #expect(log.isComplete(after: position) == (position >= all.count - kept))
            }
        }
    }

    @Test func `an offset becomes the last argument`() {
        #expect(packet(#"2["a"]"#).text(adding: "x.1") == Array(#"2["a","x.1"]"#.utf8))
        #expect(packet(#"2/n,["a",{"b":[]}]"#).text(adding: "x.1") == Array(#"2/n,["a",{"b":[]},"x.1"]"#.utf8))
        #expect(packet(#"2["a"]"#).endsWithText && packet(#"2["a","b"]"#).endsWithText)
        #expect(!packet(#"2["a",1]"#).endsWithText && !packet(#"2["a",["b"]]"#).endsWithText)
    }
}
