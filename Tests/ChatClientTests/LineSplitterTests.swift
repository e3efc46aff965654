import Testing

@testable import chat_client

struct LineSplitterTests {
    private func split(_ bytes: some Sequence<UInt8>) -> [LineSplitter.Line] {
        var splitter = LineSplitter()
        return bytes.compactMap { splitter.take($0) } + [splitter.finish()].compactMap(\.self)
    }

    @Test func `lines end with a line end, the last one with the input`() {
        #expect(split("one\ntwo\n\nthree".utf8) == [.line("one"), .line("two"), .line(""), .line("three")])
        #expect(split("one\n".utf8) == [.line("one")])
        #expect(split([]) == [])
    }

    @Test func `bytes that are no text are marked`() {
        #expect(split([0x61, 0xFF, 0x62]) == [.line("a\u{FFFD}b")])
    }

    @Test func `a line over the limit is left out, those after it are not`() {
        let longest = String(repeating: "x", count: LineSplitter.limit)
        #expect(split("\(longest)\n\(longest)y\nz".utf8) == [.line(longest), .tooLong, .line("z")])
        #expect(split("\(longest)yy".utf8) == [.tooLong])
    }
}
