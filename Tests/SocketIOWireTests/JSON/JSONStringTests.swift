import SocketIOWire
import Testing

@Suite struct JSONStringTests {
    private func decode(_ text: String) -> String {
        JSONString.decode(Array(text.utf8).span)
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("äöü€😀", "äöü€😀"), (#"a\"b\\c\/d"#, #"a"b\c/d"#),
        (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"),
        (#"\u0041\u00e9\u20AC"#, "Aé€"), (#"\ud83d\ude00!"#, "😀!"), (#"x\uDBFF\uDFFF"#, "x\u{10FFFF}"),
        (#"\u0000"#, "\0"), (#"0123456789\n0123456789"#, "0123456789\n0123456789"),
    ])
    func `replaces every escape`(text: String, expected: String) {
        #expect(decode(text) == expected)
    }

    @Test(arguments: [
        (#"\ud800"#, "\u{FFFD}"), (#"\udc00\ud800"#, "\u{FFFD}\u{FFFD}"), (#"\ud800x"#, "\u{FFFD}x"),
        (#"\ud800\n"#, "\u{FFFD}\n"), (#"\ud800\ud83d\ude00"#, "\u{FFFD}😀"), (#"\ud800\u0041"#, "\u{FFFD}A"),
    ])
    func `a lone surrogate becomes the replacement character`(text: String, expected: String) {
        #expect(decode(text) == expected)
    }

    @Test func `an escape is replaced at every place`() {
        for before in 0..<20 {
            for after in 0..<20 {
                let (head, tail) = (String(repeating: "x", count: before), String(repeating: "y", count: after))
                #expect(decode(head + #"\u00e9"# + tail) == head + "é" + tail)
                #expect(decode(head + #"\\"# + tail) == head + #"\"# + tail)
            }
        }
    }

    @Test(arguments: 0...70)
    func `a character that is not ASCII is kept at every place`(length: Int) {
        let plain = String(repeating: "x", count: length)
        #expect(decode(plain) == plain)
        for place in 0...length {
            for character in ["\u{80}", "é", "€", "😀", "\u{7F}"] {
                let text = String(plain.prefix(place) + character + plain.dropFirst(place))
                #expect(decode(text).unicodeScalars.elementsEqual(text.unicodeScalars))
                // Its first byte alone is not UTF-8.
                guard character.utf8.count > 1, let first = character.utf8.first else { continue }
                let bytes = Array(plain.utf8.prefix(place)) + [first] + plain.utf8.dropFirst(place)
                #expect(JSONString.decode(bytes.span) == String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    @Test func `gives the bytes an escaped name stands for`() {
        #expect(JSONString.unescape(Array(#"ch\u0061t"#.utf8).span) == Array("chat".utf8))
        #expect(JSONString.unescape(Array("chat".utf8).span) == Array("chat".utf8))
    }

    @Test(arguments: [
        ("chat", "chat", true), (#"ch\u0061t"#, "chat", true), ("chat", "chap", false), ("chat", "chats", false),
        (#"a\\b"#, #"a\b"#, true), (#"a\\b"#, #"a\\b"#, false), ("", "", true), (#"\""#, "\"", true),
    ])
    func `compares what the string stands for`(text: String, other: String, expected: Bool) {
        #expect(JSONString.equals(Array(text.utf8).span, Array(other.utf8).span) == expected)
    }

    @Test func `bytes that were never checked are not a crash`() {
        for text in [#"\"#, #"\u"#, #"\u12"#, #"\uZZZZ"#, #"\ud800\u"#, #"\q"#, #"\ud800\"#] { _ = decode(text) }
        #expect(JSONString.decode([0xFF, 0x41].span) == "\u{FFFD}A")
        var random = JSONTestRandom(seed: 2)
        for _ in 0..<20_000 {
            _ = JSONString.decode(random.mutate(Array(#"a\u00e9\ud83d\ude00\n"bc"#.utf8)).span)
        }
    }
}
