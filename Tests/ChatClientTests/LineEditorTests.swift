import Testing

@testable import chat_client

struct LineEditorTests {
    private var editor = LineEditor()

    /// What the bytes come to that are no mere change.
    private mutating func type(_ bytes: some Sequence<UInt8>) -> [LineEditor.Outcome] {
        bytes.map { editor.take($0) }.filter { $0 != .changed && $0 != .nothing }
    }

    private mutating func type(_ text: String) -> [LineEditor.Outcome] { type(Array(text.utf8)) }

    @Test mutating func `a line ends with a line end`() {
        #expect(type("one\rtwo\n") == [.line("one"), .line("two")])
    }

    @Test mutating func `keys move and remove`() {
        #expect(type("bd\u{1B}[Dc\u{01}a\u{05}e\u{7F}e\u{1B}[H\u{1B}[3~\u{1B}[C\u{7F}\u{1B}OF!\r") == [.line("cde!")])
        #expect(type("one two\u{1B}[D\u{1B}[D\u{0B}\u{15}three\r") == [.line("three")])
    }

    @Test mutating func `control keys have a meaning of their own`() {
        #expect(type("\u{04}\u{1A}") == [.end, .suspension])
        #expect(type("x\u{04}\r") == [.line("x")])
    }

    @Test mutating func `a tab is a space`() {
        #expect(type("a\tb\r") == [.line("a b")])
    }

    @Test mutating func `other keys mean nothing`() {
        #expect(type("\u{1B}[1;5Dx\u{1B}OAy\u{1B}[15~z\u{1B}q\u{1B}\u{1B}[5~\u{07}\r") == [.line("xyz")])
    }

    @Test(arguments: ["e\u{301}x", "🇳🇱x", "👩‍👩‍👧x", "❤️x", "한x"])
    mutating func `an accent or a joined emoji is one character`(text: String) {
        // All but the first: Home, Delete.
        #expect(type(text + "\u{01}\u{1B}[3~\r") == [.line("x")])
        #expect(type(text + "\r") == [.line(text)])
    }

    @Test mutating func `bytes that are no character cost no other one`() {
        #expect(
            type([0xFF, 0x61, 0x80, 0x62, 0xC3, 0x63, 0xE2, 0x82, 0x64, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x65, 0x0D]) == [
                .line("abcdée")
            ])
    }

    @Test mutating func `more than the limit is refused and told once`() {
        let text = String(repeating: "ä", count: LineEditor.limit / 2)
        #expect(type(text) == [])
        #expect(type("x") == [.full])
        #expect(type("yz") == [])
        #expect(type("\u{7F}é") == [])
        #expect(type("x") == [.full])
        #expect(type("\r") == [.line(text.dropLast() + "é")])
    }

    @Test mutating func `one character cannot take the whole line`() {
        #expect(type("e" + String(repeating: "\u{301}", count: 1000)) == [.full])
        #expect(type("x\r").count == 1)
    }

    /// A model with one array, at random keys.
    @Test(arguments: 0..<20) mutating func `does what one array would do`(seed: UInt64) {
        var random = SeededRandom(state: seed)
        var model: [Character] = []
        var cursor = 0
        for _ in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let letter = "abc漢é".randomElement(using: &random) ?? "a"
                model.insert(letter, at: cursor)
                cursor += 1
                #expect(type(String(letter)) == [])
            case 5:
                cursor = max(0, cursor - 1)
                #expect(type("\u{1B}[D") == [])
            case 6:
                cursor = min(model.count, cursor + 1)
                #expect(type("\u{1B}[C") == [])
            case 7:
                if cursor > 0 { model.remove(at: cursor - 1) }
                cursor = max(0, cursor - 1)
                #expect(type("\u{7F}") == [])
            case 8:
                if cursor < model.count { model.remove(at: cursor) }
                #expect(type("\u{1B}[3~") == [])
            default:
                cursor = Bool.random(using: &random) ? 0 : model.count
                #expect(type(cursor == 0 ? "\u{01}" : "\u{05}") == [])
            }
            #expect(editor.left.count == cursor || model.isEmpty)
        }
        #expect(type("\r") == [.line(String(model))])
    }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
