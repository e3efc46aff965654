import SocketIOWire
import Testing

@Suite struct ByteNameTests {
    @Test(arguments: [("user:K", "user:\u{212A}"), ("caf\u{E9}", "cafe\u{301}"), ("\u{2126}", "\u{3A9}")])
    func `names that Unicode holds equivalent are two`(_ one: String, _ other: String) {
        #expect(one == other)
        #expect(ByteName(one) != ByteName(other))
        #expect(Set([ByteName(one), ByteName(other)]).count == 2)
    }

    @Test func `names of every length are told apart, and found again`() {
        let names = (0..<40).flatMap { count in ["a", "b"].map { String(repeating: "x", count: count) + $0 } }
        let set = Set(names.map(ByteName.init))
        #expect(set.count == names.count)
        #expect(names.allSatisfy { set.contains(ByteName(String(decoding: Array($0.utf8), as: UTF8.self))) })
    }

    @Test func `spellings of one text do not collide`() {
        // Each letter in one of two forms: to String these are one.
        let names = (0..<4_096).map { number in
            ByteName((0..<12).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined())
        }
        #expect(Set(names.map(\.hashValue)).count > 4_000)
        #expect(Set(names.map(\.text.hashValue)).count == 1)
    }
}

@Suite struct JSONKeyTests {
    private static let keys = ["caf\u{E9}", "cafe\u{301}"]

    /// As many other keys as make a table of them.
    private static func text(others: Int) -> String {
        let members = keys.enumerated().map { "\"\($1)\":\($0)" } + (0..<others).map { "\"k\($0)\":null" }
        return "{" + members.joined(separator: ",") + "}"
    }

    @Test(arguments: [0, 40]) func `of two keys that Unicode holds equivalent none is lost`(_ others: Int) throws {
        let text = Array(Self.text(others: others).utf8)
        let value = try JSONCoding.decode(JSONValue.self, from: text.span, attachments: [])
        #expect(value.objectValue?.count == 2 + others)
        #expect(Self.keys.map { value[$0] } == [0, 1])
        var changed = value
        changed[Self.keys[1]] = 2
        #expect(Self.keys.map { changed[$0] } == [0, 2])
        #expect(value == value && changed != value)
    }

    @Test(arguments: [0, 40]) func `a type gets the member of its key's bytes`(_ others: Int) throws {
        struct Cafe: Decodable {
            let composed: Int
            let parts: Int
            enum CodingKeys: String, CodingKey {
                case composed = "caf\u{E9}"
                case parts = "cafe\u{301}"
            }
        }
        let text = Array(Self.text(others: others).utf8)
        let cafe = try JSONCoding.decode(Cafe.self, from: text.span, attachments: [])
        #expect([cafe.composed, cafe.parts] == [0, 1])
    }
}
