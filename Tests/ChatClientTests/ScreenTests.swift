import Testing

@testable import chat_client

struct ScreenTests {
    private func screen(_ text: String, label: String = "room", width: Int = 20) -> Screen {
        var screen = Screen(width: width)
        screen.label = label
        for byte in text.utf8 { _ = screen.take(byte) }
        return screen
    }

    /// The row without the sequence that begins it.
    private func row(_ text: String, label: String = "room", width: Int = 20) -> String {
        let row = screen(text, label: label, width: width).row
        #expect(row.hasPrefix("\r\u{1B}[K"))
        return String(row.unicodeScalars.dropFirst(4).map(Character.init))
    }

    @Test func `shows the line behind the label`() {
        #expect(row("hello") == "room> hello")
        #expect(row("hello", label: "") == "> hello")
    }

    @Test func `comes back to the cursor by writing what is before it again`() {
        #expect(row("hello\u{1B}[D\u{1B}[D") == "room> hello\rroom> hel")
        #expect(row("漢字\u{1B}[D") == "room> 漢字\rroom> 漢")
    }

    @Test func `shows the end of a line that is longer than the row`() {
        #expect(row("0123456789abcdef") == "room> 3456789abcdef")
        #expect(row("漢字漢字漢字漢字") == "room> 漢字漢字漢字")
    }

    @Test(arguments: 0...60) func `no row is wider than the terminal`(width: Int) {
        for label in ["", "room", "a room with a name of forty characters x", "漢字漢字漢字漢字漢字漢字"] {
            for keys in ["", "\u{1B}[D\u{1B}[D\u{1B}[D", "\u{01}"] {
                let shown = row("some 漢字 and 👩‍👩‍👧, more than there is room for" + keys, label: label, width: width)
                for part in shown.split(separator: "\r") { #expect(part.columns < max(width, 4)) }
            }
        }
    }

    @Test func `a line above keeps what is typed`() {
        #expect(screen("hel").line("ada: hi") == "\r\u{1B}[Kada: hi\n\r\u{1B}[Kroom> hel")
    }

    @Test func `a line is given back only where nothing is typed`() {
        var screen = screen("")
        let areGivenBack = [screen.giveBack("before"), screen.giveBack("other")]
        #expect(areGivenBack == [true, false])
        #expect(screen.row.hasSuffix("> before"))
    }

    @Test func `what is pasted is no instruction`() {
        #expect(row("a\u{9B}2Kb") == "room> a2Kb")
    }

    @Test(arguments: [("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("한", 2), ("😀", 2), ("❤️", 2), ("ｱ", 1), ("Ａ", 2)])
    func `a character has so many columns`(character: Character, columns: Int) {
        #expect(character.columns == columns)
    }

    @Test func `a text is clipped by columns`() {
        #expect("漢字漢字".clipped(to: 5) == "漢字…")
        #expect("漢字漢字".clipped(to: 8) == "漢字漢字")
        #expect("abc".clipped(to: 0) == "")
        #expect("abc".clipped(to: -1) == "")
    }
}
