import SocketIOWire
import TestSupport
import Testing

@Suite struct RESPReaderTests {
    /// All values of a text that came in these pieces.
    private func read(_ pieces: [[UInt8]], limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        var reader = RESPReader(limits: limits)
        var values: [RESPValue] = []
        for piece in pieces {
            var index = 0
            while let value = try reader.next(in: piece.span, from: &index) { values.append(value) }
            #expect(index == piece.count)
        }
        return values
    }

    private func read(_ text: String, limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        try read([Array(text.utf8)], limits: limits)
    }

    private static func string(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    static let samples: [(String, [RESPValue])] = [
        ("+OK\r\n", [string("OK")]), ("+\r\n", [string("")]),
        ("-ERR no\r\n", [.error(RESPError(text: Array("ERR no".utf8)))]),
        (":1000\r\n:-5\r\n:+7\r\n", [.integer(1_000), .integer(-5), .integer(7)]),
        ("$5\r\nhello\r\n", [string("hello")]), ("$0\r\n\r\n", [string("")]), ("$-1\r\n", [.null]),
        ("$4\r\na\r\nb\r\n", [string("a\r\nb")]), ("*-1\r\n", [.null]), ("*0\r\n", [.array([])]),
        ("*2\r\n$3\r\nfoo\r\n:1\r\n", [.array([string("foo"), .integer(1)])]),
        (
            "*2\r\n*1\r\n:1\r\n*2\r\n+a\r\n-b\r\n",
            [.array([.array([.integer(1)]), .array([string("a"), .error(RESPError(text: [98]))])])]
        ),
        ("_\r\n#t\r\n#f\r\n", [.null, .bool(true), .bool(false)]),
        (",1.5\r\n,10\r\n,-inf\r\n", [.double(1.5), .double(10), .double(-.infinity)]),
        (
            "(3492890328409238509324850943850943825024385\r\n",
            [.bigNumber(Array("3492890328409238509324850943850943825024385".utf8))]
        ),
        ("!9\r\nERR wrong\r\n", [.error(RESPError(text: Array("ERR wrong".utf8)))]),
        ("=8\r\ntxt:some\r\n", [string("some")]), ("=4\r\nmkd:\r\n", [string("")]),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", [.map([string("a"), .integer(1), string("b"), .array([])])]),
        ("~2\r\n+a\r\n+b\r\n", [.array([string("a"), string("b")])]),
        (
            ">3\r\n+message\r\n+c\r\n+text\r\n+OK\r\n",
            [.push([string("message"), string("c"), string("text")]), string("OK")]
        ),
        (
            "|1\r\n+ttl\r\n:3600\r\n*2\r\n|0\r\n:1\r\n|1\r\n+x\r\n*1\r\n:9\r\n:2\r\n",
            [.array([.integer(1), .integer(2)])]
        ),
        ("|1\r\n+a\r\n+b\r\n>1\r\n+p\r\n", [.push([string("p")])]),
    ]

    @Test(arguments: samples)
    func `reads each type of both versions`(text: String, values: [RESPValue]) throws {
        #expect(try read(text) == values)
    }

    @Test func `reads the same at every split and byte by byte`() throws {
        let all = Array(Self.samples.map(\.0).joined().utf8)
        let values = Self.samples.flatMap(\.1)
        for split in 0...all.count { #expect(try read(all.cut(at: [split])) == values) }
        #expect(try read(all.singleBytes) == values)
    }

    @Test(
        arguments: [
            "?\r\n", "\r\n", "+a\n", "+a\rb\r\n", ":1.5\r\n", ":\r\n", ": 1\r\n", ":9223372036854775808\r\n", "$-2\r\n",
            "$+1\r\n", "$1\r\nab\r\n", "$a\r\n", "$\r\n", "!-1\r\n", "*-2\r\n", "%-1\r\n", ">-1\r\n", "*1\r\n>1\r\n",
            "#x\r\n", "#\r\n", "_1\r\n", ",\r\n", ",x\r\n", "(12a\r\n", "(-\r\n", "=3\r\ntxt\r\n", "=4\r\ntext\r\n",
            "$?\r\n", "HTTP/1.1 400 Bad Request\r\n",
        ])
    func `refuses what the specification does not have`(text: String) {
        #expect(throws: ProtocolViolation.self) { try read(text) }
        #expect(throws: ProtocolViolation.self) { try read(Array(text.utf8).singleBytes) }
    }

    private func limits(_ change: (inout RESPLimits) -> Void) -> RESPLimits {
        var limits = RESPLimits()
        change(&limits)
        return limits
    }

    private func expectTooBig(_ text: String, _ limits: RESPLimits) {
        let error = #expect(throws: ProtocolViolation.self) { try read(text, limits: limits) }
        #expect(error?.kind == .tooBig)
    }

    @Test func `nests as deep as its limit and no deeper`() throws {
        let limits = limits { $0.depth = 3 }
        #expect(try read("*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits).count == 1)
        expectTooBig("*1\r\n*1\r\n*1\r\n*1\r\n", limits)
        expectTooBig(String(repeating: "*1\r\n", count: 100_000), RESPLimits())
    }

    @Test func `holds as many values as its limit, for each reply anew`() throws {
        let limits = limits { $0.values = 3 }
        #expect(try read("*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n", limits: limits).count == 2)
        expectTooBig("*3\r\n:1\r\n", limits)
        expectTooBig("*2\r\n*1\r\n:1\r\n:2\r\n", limits)
        expectTooBig("%2\r\n", limits)
        expectTooBig("*9223372036854775807\r\n", RESPLimits())
        expectTooBig("%9223372036854775807\r\n", RESPLimits())
    }

    @Test func `holds as many bytes as its limit, for each reply anew`() throws {
        // A header of one digit and five bytes, with what the value itself takes.
        let limits = limits { $0.bytes = 64 + 1 + 5 }
        #expect(try read("$5\r\nhello\r\n$5\r\nworld\r\n", limits: limits).count == 2)
        expectTooBig("$6\r\n", limits)
        expectTooBig("$9223372036854775807\r\n", RESPLimits())
    }

    @Test func `holds a line as long as its limit, wherever it is cut`() throws {
        let limits = limits { $0.lineBytes = 8 }
        #expect(try read("+123456\r\n", limits: limits).count == 1)
        expectTooBig("+1234567\r\n", limits)
        #expect(throws: ProtocolViolation.self) { try read(Array("+12345678".utf8).singleBytes, limits: limits) }
    }

    @Test func `mutated replies are read or refused, the same way however they are split`() {
        var random = SeededGenerator(seed: 17)
        let all = Array(Self.samples.map(\.0).joined().utf8)
        for _ in 0..<20_000 {
            let start = Int.random(in: 0..<all.count, using: &random)
            let input = random.mutate(Array(all[start..<min(start + 80, all.count)]))
            let whole = Result { try read([input]) }
            let pieces = Result { try read(input.cut(at: random.cuts(in: input.count, most: 4))) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one.description == other.description)
            case (.failure, .failure): break
            case (.success, .failure), (.failure, .success): Issue.record("differs when split: \(input)")
            }
        }
    }

    @Test func `a map is looked up by key in either version`() throws {
        for text in ["%2\r\n+proto\r\n:3\r\n+id\r\n:7\r\n", "*4\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n"] {
            let value = try #require(try read(text).first)
            #expect(value["proto"]?.integer == 3)
            #expect(value["id"]?.integer == 7)
            #expect(value["none"] == nil)
        }
    }

    @Test func `a command is an array of bulk strings`() {
        #expect(
            String(decoding: RedisCommand("PUBLISH", "é", "").bytes, as: UTF8.self)
                == "*3\r\n$7\r\nPUBLISH\r\n$2\r\né\r\n$0\r\n\r\n")
        #expect(RedisCommand([[80], [0, 13, 10]]).bytes == Array("*2\r\n$1\r\nP\r\n$3\r\n\0\r\n\r\n".utf8))
    }
}
