import Testing

@testable import SocketIO

@Suite struct NameIndexTests {
    /// Names that differ in a number in one place only.
    private static let families: [(String, @Sendable (String) -> String)] = [
        ("at the end", { "message:\($0)" }), ("at the end of a short name", { "m\($0)" }),
        ("in front", { "\($0)-message" }), ("in the middle", { "room/\($0)/message/of/somebody" }),
        ("far in", { "a very long name of an event \($0) that goes on and on" }), ("alone", { $0 }),
    ]

    private static func index(of names: [[UInt8]]) -> NameIndex {
        var index = NameIndex()
        for name in names { index.append(name) }
        return index
    }

    private func expectAllFound(_ names: [[UInt8]], in index: NameIndex) {
        let positions = names.map { name in index.position(of: name.span) }
        #expect(positions == Array(names.indices))
    }

    @Test(arguments: families.map(\.0), [9, 100, 1000])
    func `names that differ in a few bytes are found as fast as others`(family: String, count: Int) throws {
        let form = try #require(Self.families.first { $0.0 == family }).1
        for digits in [4, 2] where count <= (digits == 2 ? 100 : 10_000) {
            let names = (0..<count).map { number in
                let text = String(number)
                return Array(form(String(repeating: "0", count: max(digits - text.count, 0)) + text).utf8)
            }
            let index = Self.index(of: names)
            expectAllFound(names, in: index)
            let other = Array(form("none").utf8)
            let found = index.position(of: other.span)
            #expect(found == nil)
            #expect(index.longestSearch <= 24, "\(digits) digits")
        }
    }

    @Test func `names that differ in one byte, wherever it is`() {
        for length in [1, 2, 7, 8, 9, 15, 16, 17, 24, 40] {
            for place in 0..<length {
                let names = (32..<127 as Range<UInt8>).map { byte in
                    var name = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                    name[place] = byte
                    return name
                }
                let index = Self.index(of: names)
                #expect(index.longestSearch <= 24, "\(place) of \(length)")
                expectAllFound(names, in: index)
            }
        }
    }
}
