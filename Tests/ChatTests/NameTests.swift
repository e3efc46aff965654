import Testing

@testable import chat

@Suite struct NameTests {
    private func name(_ text: String, _ kind: Name.Kind = .person) throws(Refusal) -> Name { try Name(text, of: kind) }

    private func refusal(_ text: String, _ kind: Name.Kind = .person) -> String? {
        do throws(Refusal) {
            _ = try name(text, kind)
            return nil
        } catch {
            return error.words
        }
    }

    @Test(arguments: [
        "ADA", "Ada", " ada  ", "ａｄａ", "𝐚𝓭𝕒", "ɑdɑ", "ᴀᴅᴀ", "аԁа", "Ꭺꭰꭺ",
    ])
    func `names that look like ada are the same name`(_ other: String) throws {
        #expect(try name(other) == name("ada"))
        #expect(try name(other).hashValue == name("ada").hashValue)
    }

    @Test(arguments: [
        ("Ida", "lda"), ("Bob", "B0b"), ("Straße", "STRASSE"), ("José", "Jose\u{301}"), ("Вася", "вася"),
        ("Νίκος", "ΝΊΚΟΣ"),
        ("i", "i\u{307}"), ("İpek", "ipek"), ("j", "j\u{307}"), ("l\u{323}\u{307}", "i\u{323}"),
        ("👩", "👩\u{FE0F}"), ("☝🏽", "☝\u{FE0F}🏽"), ("1\u{20E3}", "1\u{FE0F}\u{20E3}"),
        ("ﬁn", "fin"), ("O'Neil", "O’Neil"), ("Ёж", "ёж"), ("ann  lee", "Ann Lee"), ("ann\u{3000}lee", "ann lee"),
    ])
    func `case, width, style and spaces make no other name`(_ one: String, _ other: String) throws {
        #expect(try name(one) == name(other))
    }

    @Test(arguments: [
        ("ada", "ida"), ("Jose", "José"), ("ann lee", "annlee"), ("漢", "字"), ("👩", "👨"), ("👩", "👩🏽"), ("z", "z\u{307}"),
        ("a.b", "a-b"),
    ])
    func `what people tell apart is two names`(_ one: String, _ other: String) throws {
        #expect(try name(one) != name(other))
    }

    @Test(arguments: [
        "Ada", "Ann-Marie O'Neil", "Đặng Thị", "שָׁלוֹם", "नमस्ते", "한국어", "日本語", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️ Bob", "R2-D2", "1️⃣",
        "👩🏽‍❤️‍💋‍👩🏿", "🇩🇪🇫🇷", "🏳️‍🌈", "🏴‍☠️", "🕵🏽‍♂️", "☝🏽", "#️⃣", "*️⃣1️⃣", String(repeating: "x", count: 24),
    ])
    func `people may be called so`(_ text: String) throws {
        #expect(refusal(text) == nil)
        #expect(try name(text).shown == text)
    }

    @Test(arguments: [
        ("", "A name has 1 to 24 characters: this one has 0."),
        (" \u{3000} ", "A name has 1 to 24 characters: this one has 0."),
        (String(repeating: "x", count: 25), "A name has 1 to 24 characters: this one has 25."),
        (String(repeating: "x", count: 100_000), "A name has 1 to 24 characters."),
        ("ada\u{200B}", "A name has nothing that cannot be seen, like U+200B."),
        ("ada\u{200D}", "A name has nothing that cannot be seen, like U+200D."),
        ("a\u{AD}da", "A name has nothing that cannot be seen, like U+AD."),
        ("\u{202E}ada", "A name has nothing that cannot be seen, like U+202E."),
        ("\u{2066}ada", "A name has nothing that cannot be seen, like U+2066."),
        ("\u{2800}", "A name has nothing that cannot be seen, like U+2800."),
        ("\u{3164}", "A name has nothing that cannot be seen, like U+3164."),
        ("a\u{34F}da", "A name has nothing that cannot be seen, like U+34F."),
        ("a\u{FE0F}da", "A name has nothing that cannot be seen, like U+FE0F."),
        ("R2\u{FE0F}-D2", "A name has nothing that cannot be seen, like U+FE0F."),
        ("*\u{FE0F}*\u{FE0F} tea", "A name has nothing that cannot be seen, like U+FE0F."),
        ("#\u{FE0F} lobby", "A name has nothing that cannot be seen, like U+FE0F."),
        ("👩\u{200D}", "A name has nothing that cannot be seen, like U+200D."),
        ("👩\u{FE0F}\u{FE0F}", "A name has nothing that cannot be seen, like U+FE0F."),
        ("👩\u{E0061}", "A name has nothing that cannot be seen, like U+E0061."),
        ("👩\u{E0061}\u{E007F}", "A name has nothing that cannot be seen, like U+E0061."),
        ("🏴\u{E0061}", "A name has nothing that cannot be seen, like U+E0061."),
        ("1\u{200D}1", "A name has nothing that cannot be seen, like U+200D."),
        ("a\u{7}da", "A name has nothing that cannot be seen, like U+7."),
        ("\u{E000}", "A name has nothing that cannot be seen, like U+E000."),
        ("a" + String(repeating: "\u{301}", count: 4), "A name has no more than 3 marks on a letter."),
        ("a" + String(repeating: "\u{301}", count: 47), "One of its characters is made of too many parts."),
        ("-- ada has left", "A name begins with a letter, a digit or an emoji."),
        ("# lobby", "A name begins with a letter, a digit or an emoji."),
        ("ada: hi", "A name has letters, digits, emoji, spaces and -_.'+&#, not “:”."),
        ("<b>", "A name has letters, digits, emoji, spaces and -_.'+&#, not “<”."),
        ("аda", "A name has letters of one alphabet: those of others look like them."),
        ("βob", "A name has letters of one alphabet: those of others look like them."),
    ])
    func `people may not be called so, and hear why`(_ text: String, _ words: String) {
        #expect(refusal(text) == words)
    }

    @Test func `an emoji that is joined from a hundred is refused`() {
        let chain = Array(repeating: "👩", count: 100).joined(separator: "\u{200D}")
        #expect(chain.count == 1)
        #expect(
            refusal(chain) == "A name has 1 to 24 characters." || refusal(chain)?.contains("too many parts") == true)
    }

    @Test func `a room's name has 40 characters and its own words`() {
        #expect(refusal(String(repeating: "x", count: 40), .room) == nil)
        #expect(
            refusal(String(repeating: "x", count: 41), .room)
                == "A room's name has 1 to 40 characters: this one has 41.")
        #expect(refusal("c++ & c#", .room) == nil)
    }

    @Test func `a message counts characters as people do, and says which limit it is over`() throws {
        func said(_ text: String) -> String {
            do throws(Refusal) {
                return try Text.checked(text)
            } catch {
                return error.words
            }
        }
        #expect(said("  hello\nworld\t! ") == "hello world !")
        #expect(said("👨‍👩‍👧‍👦 \u{202E}olleh") == "👨‍👩‍👧‍👦 \u{202E}olleh")
        #expect(said(String(repeating: "é", count: 2000)).count == 2000)
        #expect(
            said(String(repeating: "é", count: 2001)) == "A message has at most 2000 characters: this one has 2001.")
        #expect(said(String(repeating: "👨‍👩‍👧‍👦", count: 321)) == "A message has at most 8000 bytes: this one has 8025.")
        #expect(said("\u{1B}[2J") == "A message has no control characters.")
        for nothing in ["", " ", "\u{200B}\u{2060}", "\u{3164}", "\u{2800}\n"] {
            #expect(said(nothing) == "There is nothing to see in this message.")
        }
    }
}
