import SocketIOWire
import Testing

@Suite struct RedisStreamTests {
    @Test(arguments: [
        ("1795877959455-0", "1795877959455-0"), ("0-1", "0-1"),
        ("18446744073709551615-18446744073709551615", "18446744073709551615-18446744073709551615"), ("5", nil),
        ("last", nil), ("-", nil), ("1-", nil), ("-1", nil), ("1-2-3", nil), ("+1-2", nil), ("1--2", nil), ("", nil),
        ("99999999999999999999999-0", nil), ("1 -2", nil),
    ])
    func `an entry's id is two numbers`(text: String, id: String?) {
        #expect(RedisStreamID(text)?.description == id)
    }

    @Test func `ids are in the order of their numbers`() throws {
        let ids = try ["0-0", "9-10", "10-2", "10-10", "100-0"].map { try #require(RedisStreamID($0)) }
        #expect(ids.shuffled().sorted() == ids)
        #expect(ids[0] == .zero)
    }

    private func read(_ text: String) throws -> RESPValue {
        var reader = RESPReader()
        var index = 0
        let bytes = Array(text.utf8)
        return try #require(try reader.next(in: bytes.span, from: &index))
    }

    private static let entry = "*2\r\n$3\r\n1-2\r\n*4\r\n$3\r\nuid\r\n$1\r\nu\r\n$3\r\nnsp\r\n$1\r\n/\r\n"

    @Test(arguments: [
        "%1\r\n$1\r\ns\r\n*1\r\n\(Self.entry)", "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n\(Self.entry)",
    ])
    func `what was read is the same in both versions`(text: String) throws {
        let entries = try #require(RedisStreamEntry.list(ofRead: read(text)))
        #expect(entries.map(\.id.description) == ["1-2"])
        #expect(entries[0]["uid"] == Array("u".utf8))
        #expect(entries[0]["nsp"] == Array("/".utf8))
        #expect(entries[0]["data"] == nil)
    }

    @Test(arguments: ["_\r\n", "*-1\r\n"])
    func `nothing at the end of the time is no entry`(text: String) throws {
        #expect(try RedisStreamEntry.list(ofRead: read(text)) == [])
    }

    @Test(arguments: [
        "+OK\r\n", ":1\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n:1\r\n", "*1\r\n*2\r\n$1\r\ns\r\n:1\r\n",
        "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$1\r\nx\r\n*0\r\n",
    ])
    func `what is no list of entries is refused`(text: String) throws {
        #expect(try RedisStreamEntry.list(ofRead: read(text)) == nil)
    }

    @Test func `an entry that was deleted has no fields`() throws {
        let entries = try #require(RedisStreamEntry.list(ofRange: read("*1\r\n*2\r\n$3\r\n1-2\r\n*-1\r\n")))
        #expect(entries == [RedisStreamEntry(id: RedisStreamID(milliseconds: 1, sequence: 2), fields: [])])
    }
}
