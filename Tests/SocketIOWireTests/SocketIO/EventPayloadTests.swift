import SocketIOWire
import TestSupport
import Testing

@Suite struct EventPayloadTests {
    /// A payload with its parts copied out.
    struct Seen: Equatable {
        var name: String?
        var hasEscapes = false
        var arguments: [String] = []
    }

    private func copy(_ payload: EventPayload, of bytes: [UInt8]) -> Seen {
        Seen(
            name: payload.hasName ? String(decoding: bytes[payload.name], as: UTF8.self) : nil,
            hasEscapes: payload.nameHasEscapes,
            arguments: payload.arguments.ranges(in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) })
    }

    private func event(
        _ text: String, from start: Int = 0, limits: PacketLimits = PacketLimits()
    ) throws(ProtocolViolation) -> Seen {
        let bytes = Array(text.utf8)
        return copy(try EventPayload(parsingEvent: bytes.span, from: start, limits: limits), of: bytes)
    }

    private func ack(
        _ text: String, from start: Int = 0, limits: PacketLimits = PacketLimits()
    ) throws(ProtocolViolation) -> Seen {
        let bytes = Array(text.utf8)
        return copy(try EventPayload(parsingAck: bytes.span, from: start, limits: limits), of: bytes)
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    // MARK: Events

    @Test(arguments: [
        (#"["a"]"#, Seen(name: "a")),
        (#"["hello",1]"#, Seen(name: "hello", arguments: ["1"])),
        (#"[""]"#, Seen(name: "")),
        (#"["€ 𐍈",null]"#, Seen(name: "€ 𐍈", arguments: ["null"])),
        (
            #"["a",true,false,-1.5e3,"x",{},[]]"#,
            Seen(name: "a", arguments: ["true", "false", "-1.5e3", "\"x\"", "{}", "[]"])
        ),
        (#"["a",{"b":[1,{"c":"]"}]},"\",["]"#, Seen(name: "a", arguments: [#"{"b":[1,{"c":"]"}]}"#, #""\",[""#])),
        (#"["error","x"]"#, Seen(name: "error", arguments: [#""x""#])),
    ])
    func `finds the name and the arguments, exactly`(text: String, expected: Seen) throws {
        #expect(try event(text) == expected)
        #expect(try event("2/nsp,12" + text, from: 8) == expected)
    }

    @Test(arguments: [("[1]", "1"), ("[-1,2]", "-1"), ("[1.5]", "1.5"), ("[0]", "0"), ("[12e3,{}]", "12e3")])
    func `a number is a name: its text`(text: String, name: String) throws {
        #expect(try event(text).name == name)
    }

    @Test(arguments: [
        (#"["\u0061"]"#, #"\u0061"#), (#"["a\"b"]"#, #"a\"b"#), (#"["\\"]"#, #"\\"#),
        (#"["conn\u0065ct"]"#, #"conn\u0065ct"#),
        (#"["\ud83d\ude00",1]"#, #"\ud83d\ude00"#),
    ])
    func `tells that a name is written with escapes`(text: String, raw: String) throws {
        let seen = try event(text)
        #expect(seen.name == raw)
        #expect(seen.hasEscapes)
    }

    @Test func `whitespace may stand between values and at the end, and is in no range`() throws {
        let text = "[ \"a\" ,\t1 ,\r\n{ \"b\" : 2 } ] \n"
        #expect(try event(text) == Seen(name: "a", arguments: ["1", "{ \"b\" : 2 }"]))
        #expect(try ack("[ 1 , [ ] ] ") == Seen(arguments: ["1", "[ ]"]))
        #expect(try ack("[ ] ") == Seen())
    }

    @Test(arguments: ["[]", "[ ]", "[{}]", "[[]]", "[[\"a\"]]", "[{\"a\":1},2]", "[null]", "[true]", "[false,1]"])
    func `refuses a name that is neither a string nor a number`(text: String) {
        #expect(throws: ProtocolViolation.self) { try event(text) }
    }

    @Test func `refuses an event and an ack without a payload`() {
        // Protocol.md 4.5: `2` and `3` are violations.
        #expect(throws: ProtocolViolation.self) { try event("2", from: 1) }
        #expect(throws: ProtocolViolation.self) { try event("2/a,7", from: 5) }
        #expect(throws: ProtocolViolation.self) { try ack("37", from: 2) }
    }

    @Test(arguments: [" [\"a\"]", "\t[\"a\"]", "\n[\"a\"]", "\r[\"a\"]", "  [1]"])
    func `refuses whitespace before the payload`(text: String) {
        // Protocol.md 4.5: a space where an ack id could stand is not one.
        #expect(throws: ProtocolViolation.self) { try event(text) }
        #expect(throws: ProtocolViolation.self) { try ack(text) }
    }

    @Test(arguments: [
        "{}", "{\"0\":\"a\"}", "\"a\"", "1", "null", "true", "a", "[", "[\"a", "[\"a\"", "[\"a\",", "[\"a\",]",
        "[,\"a\"]",
        "[\"a\",,1]", "[\"a\" 1]", "[\"a\"}", "[\"a\",1", "[\"a\",[1]", "[\"a\",{]", "[\"a\",{\"b\"}]", "[\"a\",01]",
        "[\"a\",+1]", "[\"a\",NaN]", "[\"a\",tru]", "[\"a\",undefined]", "['a']", "[\"a\"]]", "[\"a\"]x", "[\"a\"],",
        "[\"a\"][]", "[\"a\"]\u{0}", "[\"a\"]\u{A0}", "[\"\\x\"]", "[\"\n\"]", "[\"\u{0}\"]", "[\"\\u12\"]", "[-]",
        "[1.]",
        "]", "[]]", "[\"a\",1e]", "//", "[\"a\"/**/]", "\u{FEFF}[\"a\"]",
    ])
    func `refuses what is no array of JSON values, or has something behind it`(text: String) {
        #expect(throws: ProtocolViolation.self) { try event(text) }
        #expect(throws: ProtocolViolation.self) { try event("2" + text, from: 1) }
    }

    // MARK: Acks

    @Test(arguments: [
        ("[]", []), ("[ ]", []), ("[1]", ["1"]), ("[[]]", ["[]"]), ("[{},null,\"]\"]", ["{}", "null", "\"]\""]),
        ("[\"connect\"]", ["\"connect\""]),
    ])
    func `every value of an ack is an argument`(text: String, arguments: [String]) throws {
        #expect(try ack(text) == Seen(arguments: arguments))
        #expect(try ack("3/a,7" + text, from: 5) == Seen(arguments: arguments))
    }

    @Test(arguments: ["{}", "1", "[", "[1", "[1,", "[1,]", "[,]", "[1]]", "[]x", "[] []", "[1]x", "null", "\"\"", "]"])
    func `refuses an ack that is no array`(text: String) {
        #expect(throws: ProtocolViolation.self) { try ack(text) }
    }

    // MARK: Depth

    @Test(arguments: [1, 2, 3, 63, 64, 65, 127, 128, 129])
    func `nests up to the limit, the payload's own array included`(depth: Int) throws {
        var limits = PacketLimits()
        limits.jsonDepth = depth
        #expect(try ack(nested(depth), limits: limits).arguments.count == min(depth - 1, 1))
        #expect(throws: ProtocolViolation.self) { try ack(nested(depth + 1), limits: limits) }
        #expect(try event("[\"a\",1]", limits: limits).arguments == ["1"])
        if depth > 1 {
            let inner = nested(depth - 1)
            #expect(try event("[\"a\",\(inner),\(inner)]", limits: limits).arguments == [inner, inner])
        }
        #expect(throws: ProtocolViolation.self) { try event("[\"a\",\(nested(depth))]", limits: limits) }
        let objects = String(repeating: "{\"k\":", count: depth) + "1" + String(repeating: "}", count: depth)
        #expect(throws: ProtocolViolation.self) { try event("[\"a\",\(objects)]", limits: limits) }
    }

    @Test func `a hundred thousand levels are refused, closed or not`() {
        #expect(throws: ProtocolViolation.self) { try event("[\"a\",\(nested(100_000))]") }
        #expect(throws: ProtocolViolation.self) { try event("[\"a\"," + String(repeating: "[", count: 100_000)) }
        #expect(throws: ProtocolViolation.self) { try event("[\"a\"," + String(repeating: "{\"\":", count: 100_000)) }
        #expect(throws: ProtocolViolation.self) { try ack(String(repeating: "[", count: 100_000)) }
    }

    // MARK: Damage

    @Test(arguments: [#"["a",1,{"b":[true,null]},"\u00e9"]"#, #"[1]"#, #"["\"",[]]"#])
    func `a payload cut off anywhere is refused`(text: String) throws {
        let whole = Array(text.utf8)
        for end in 0..<whole.count {
            let bytes = Array(whole[..<end])
            #expect(throws: ProtocolViolation.self) {
                try EventPayload(parsingEvent: bytes.span, from: 0, limits: PacketLimits())
            }
            #expect(throws: ProtocolViolation.self) {
                try EventPayload(parsingAck: bytes.span, from: 0, limits: PacketLimits())
            }
        }
    }

    @Test func `survives mutated payloads and agrees with the JSON scanner`() {
        var random = SeededGenerator(seed: 12)
        let seeds = [
            #"["a",1,{"b":[true,null]},"\u00e9"]"#, #"[1,2,3,4,5]"#, #"["x",[[[]]],{"_placeholder":true,"num":0}]"#,
            #"["hello"]"#, "[ \"a\" , 1 ]", "[]",
        ].map { Array($0.utf8) }
        let limits = PacketLimits()
        for round in 0..<200_000 {
            let bytes = random.mutate(seeds[round % seeds.count])
            let isJSON = (try? JSONScanner.validate(bytes.span, maximumDepth: limits.jsonDepth)) != nil
            let event = try? EventPayload(parsingEvent: bytes.span, from: 0, limits: limits)
            let ack = try? EventPayload(parsingAck: bytes.span, from: 0, limits: limits)
            // Any JSON text that begins with a bracket is an ack; it is an event if its first value can be a name.
            precondition((ack != nil) == (isJSON && bytes.first == UInt8(ascii: "[")))
            precondition(event == nil || ack != nil)
            for payload in [event, ack].compactMap({ $0 }) {
                var end = payload.name.upperBound
                for (index, range) in payload.arguments.ranges(in: bytes).enumerated() {
                    precondition(range.lowerBound > end || !payload.hasName && index == 0 && range.lowerBound > 0)
                    precondition(range.upperBound < bytes.count && !range.isEmpty)
                    precondition((try? JSONScanner.validate(bytes.span.extracting(range), maximumDepth: 128)) != nil)
                    end = range.upperBound
                }
            }
            if let event, let ack { precondition(event.arguments.count + 1 == ack.arguments.count) }
        }
    }
}

@Suite struct ArgumentListTests {
    private func event(_ text: String) throws -> (bytes: [UInt8], arguments: ArgumentList) {
        let bytes = Array(text.utf8)
        return (bytes, try EventPayload(parsingEvent: bytes.span, from: 0, limits: PacketLimits()).arguments)
    }

    @Test(arguments: 0...20)
    func `finds any number of arguments in order`(count: Int) throws {
        let values = (0..<count).map {
            $0 % 3 == 0 ? "[\"],\",{\"a\":\($0)}]" : $0 % 3 == 1 ? "\"\\\",\($0)\"" : "\($0)"
        }
        for (comma, end) in [(",", "]"), (" ,\n ", " ] \t")] {
            let (bytes, arguments) = try event((["[\"name\""] + values).joined(separator: comma) + end)
            #expect(arguments.count == count)
            #expect(arguments.ranges(in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) } == values)
        }
    }

    @Test func `an argument as deep as the limit allows is found behind others`() throws {
        let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
        let (bytes, arguments) = try event("[\"a\",1,2,3,\(deep),\(deep),4]")
        #expect(arguments.ranges(in: bytes).map(\.count) == [1, 1, 1, 254, 254, 1])
    }

    @Test func `the end stays the end`() throws {
        for count in 0..<6 {
            let (bytes, arguments) = try event("[\"a\"" + String(repeating: ",7", count: count) + "]")
            var cursor = ArgumentList.Cursor()
            for _ in 0..<count { #expect(cursor.next(of: arguments, in: bytes.span) != nil) }
            for _ in 0..<3 { #expect(cursor.next(of: arguments, in: bytes.span) == nil) }
        }
    }

    @Test func `finds a hundred thousand arguments in one pass`() throws {
        let (bytes, arguments) = try event("[\"a\"" + String(repeating: ",7", count: 100_000) + "]")
        var ranges: [Range<Int>] = []
        let time = ContinuousClock().measure { ranges = arguments.ranges(in: bytes) }
        #expect(ranges.count == 100_000)
        #expect(ranges.last == bytes.count - 2..<bytes.count - 1)
        #expect(time < .seconds(2))
    }
}

extension ArgumentList {
    fileprivate func ranges(in text: [UInt8]) -> [Range<Int>] {
        var cursor = Cursor()
        var ranges: [Range<Int>] = []
        while let value = cursor.next(of: self, in: text.span) { ranges.append(value.range) }
        return ranges
    }
}
