import CommandLineOptions
import Testing

struct WordsTests {
    @Test(arguments: [
        ("\u{1B}[2Jgone", "[2Jgone"), ("\u{9B}2K", "2K"), ("a\r\nb\tc", "a  b c"),
        ("a\u{85}b\u{2028}c\u{2029}d", "a b c d"),
        ("\u{7F}\u{0}\u{7}", ""), ("-- ada has left", "-- ada has left"),
    ])
    func `a line has no instructions for a terminal`(text: String, printed: String) {
        #expect(text.printable == printed)
        #expect(text.isolated == printed)
    }

    @Test(arguments: [
        "\u{202E}", "\u{202A}", "\u{2066}", "\u{2069}", "\u{200E}", "\u{61C}", "\u{200B}", "\u{FEFF}", "\u{AD}",
    ])
    func `formatting characters of strangers are left out`(character: String) {
        #expect("a\(character)b".isolated.unicodeScalars.elementsEqual("ab".unicodeScalars))
    }

    @Test(arguments: ["👩‍👩‍👧", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "e\u{301}"])
    func `emoji and scripts stay whole`(text: String) {
        #expect(
            text.isolated.unicodeScalars.filter { $0 != "\u{2068}" && $0 != "\u{2069}" } == Array(text.unicodeScalars))
    }

    @Test func `what is written from right to left is isolated, and so stays where it is printed`() {
        #expect("שלום".isolated == "\u{2068}שלום\u{2069}")
        #expect("\u{2069}שלום\u{202E}".isolated == "\u{2068}שלום\u{2069}")
        #expect("שלום".isolated.printable == "\u{2068}שלום\u{2069}")
        #expect("hello".isolated == "hello")
    }
}
