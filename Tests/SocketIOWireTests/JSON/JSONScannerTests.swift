import SocketIOWire
import Testing

@Suite struct JSONScannerTests {
    private static let long = String(repeating: "0123456789é", count: 9)
    private static let sample =
        #" {"a":[1,-2.5e+10,"x\n\u00e9\ud83d\ude00"],"b c":{"d":null,"":true},"long":"\#(long)","e":[[],{}, false ]} "#

    private func end(_ text: String, at offset: Int = 0, depth: Int = 64) throws -> Int {
        try JSONScanner.skipValue(Array(text.utf8).span, at: offset, maximumDepth: depth)
    }

    private func error(_ text: String, depth: Int = 64) -> JSONError? {
        do {
            try JSONScanner.validate(Array(text.utf8).span, maximumDepth: depth)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (#"1,2"#, 1), (#"  "a\"b",2"#, 8), (#"[1,[2]],3"#, 7), (#"{"a":{}}]"#, 8), ("null]", 4), (" true", 5),
        ("-0.5e-3]", 7), ("0,", 1), (#""","#, 2), ("[ ] ,", 3), ("{\n},", 3),
    ])
    func `finds where a value ends`(text: String, expected: Int) throws {
        #expect(try end(text) == expected)
    }

    @Test func `starts at the offset it is given`() throws {
        let text = #"42["chat",{"n":1}]"#
        #expect(try end(text, at: 3) == 9)
        #expect(try end(text, at: 10) == 17)
    }

    @Test(arguments: [
        ("", JSONError.Reason.truncated, 0), ("  ", .truncated, 2), ("[1", .truncated, 2), (#""abc"#, .truncated, 4),
        (#""a\"#, .truncated, 3), (#""\u12"#, .truncated, 5), ("-", .truncated, 1), ("1.", .truncated, 2),
        ("1e", .truncated, 2), ("tru", .truncated, 3), (#"{"a""#, .truncated, 4), (#"{"a":"#, .truncated, 5),
        ("01", .trailingBytes, 1), ("1 2", .trailingBytes, 2), ("[1,]", .malformed, 3), ("{,}", .malformed, 1),
        (#"{"a":1,}"#, .malformed, 7), ("[1}", .malformed, 2), (#"{"a":1]"#, .malformed, 6), ("+1", .malformed, 0),
        (".5", .malformed, 0), ("nuLl", .malformed, 0), (#""\x""#, .malformed, 2), (#""\u12g4""#, .malformed, 5),
        ("\"a\u{1}\"", .malformed, 2), ("\"aaaaaaaaaaa\u{1F}\"", .malformed, 12), ("NaN", .malformed, 0),
        ("'a'", .malformed, 0), ("\u{FEFF}1", .malformed, 0), ("-a", .malformed, 1),
    ])
    func `says what is wrong and where`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(error(text) == JSONError(reason, at: offset))
    }

    @Test func `a text cut off anywhere is truncated`() {
        let bytes = Array(Self.sample.utf8)
        for length in 0..<(bytes.count - 1) {
            #expect(throws: JSONError(.truncated, at: length)) {
                try JSONScanner.validate(bytes.span.extracting(0..<length), maximumDepth: 8)
            }
        }
        #expect(error(Self.sample) == nil)
    }

    @Test func `a control character is found at every place of a string`() {
        for length in 0...100 {
            for place in 0..<length {
                for bad: UInt8 in [0x00, 0x0A, 0x1F] {
                    var bytes = Array("\"\(String(repeating: "\u{7F}", count: length))\"".utf8)
                    bytes[place + 1] = bad
                    #expect(throws: JSONError(.malformed, at: place + 1)) {
                        try JSONScanner.validate(bytes.span, maximumDepth: 1)
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 127, 128, 129, 1000]) func `allows exactly the depth it is given`(depth: Int) {
        let objects = String(repeating: #"{"a":["#, count: depth / 2) + String(repeating: "]}", count: depth / 2)
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(error(arrays, depth: depth) == nil)
        #expect(error(arrays, depth: depth - 1) == JSONError(.tooDeep, at: depth - 1))
        if depth > 1 { #expect(error(objects, depth: depth) == nil) }
        // The kinds of containers are remembered across the words of the depth's bit stack.
        #expect(error(String(arrays.dropLast()) + "}", depth: depth) == JSONError(.malformed, at: 2 * depth - 1))
    }

    @Test func `nesting of any depth is refused and does not overflow the stack`() {
        #expect(error(String(repeating: "[", count: 100_000)) == JSONError(.tooDeep, at: 64))
        #expect(error(String(repeating: #"{"a":"#, count: 100_000)) == JSONError(.tooDeep, at: 320))
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(error(deep, depth: 100_000) == nil)
        #expect(error("[]", depth: 0) == JSONError(.tooDeep, at: 0))
        #expect(error("1", depth: 0) == nil)
    }

    @Test func `skips the four kinds of whitespace only`() {
        #expect(JSONScanner.skipWhitespace(Array(" \t\r\n\u{B}x".utf8).span, at: 0) == 4)
        #expect(JSONScanner.skipWhitespace(Array("  ".utf8).span, at: 1) == 2)
        #expect(JSONScanner.skipWhitespace(Array("  ".utf8).span, at: 2) == 2)
    }

    @Test(arguments: [
        (#"["e",{"_placeholder":true,"num":0}]"#, 1, true), (#"[{"num":1,"_placeholder":true}]"#, 2, true),
        (#"[{"_placeholder":true,"num":1.0}]"#, 2, true), (#"[{"_placeholder":true,"num":1}]"#, 1, false),
        (#"[{"_placeholder":true,"num":-1}]"#, 1, false), (#"[{"_placeholder":true,"num":0.5}]"#, 1, false),
        (#"[{"_placeholder":true,"num":"0"}]"#, 1, false), (#"[{"_placeholder":true}]"#, 1, false),
        (#"[{"_placeholder":true,"num":9223372036854775808}]"#, 1, false),
        (#"[{"_placeholder":true,"num":null}]"#, 1, false), (#"[{"_placeholder":true,"num":1e400}]"#, 1, false),
        (#"[{"_placeholder":false,"num":7}]"#, 1, true), (#"[{"_placeholder":1,"num":7}]"#, 1, true),
        (#"[{"\u005fplaceholder":true,"num":7}]"#, 1, false), (#"["_placeholder",true]"#, 0, true),
        (#"[{"a":[{"_placeholder":true,"num":3}]}]"#, 3, false),
        (#"[{"num":0,"_placeholder":true,"num":5}]"#, 1, false),
    ])
    func `every placeholder must name an attachment`(text: String, count: Int, isValid: Bool) {
        var found: JSONError.Reason?
        do {
            try JSONScanner.validatePlaceholders(Array(text.utf8).span, attachmentCount: count)
        } catch {
            found = error.reason
        }
        #expect(found == (isValid ? nil : .badPlaceholder))
    }

    @Test func `mutated text is never a crash, and what is accepted can be read`() throws {
        var random = JSONTestRandom(seed: 1)
        let sample = Array(Self.sample.utf8)
        var accepted = 0
        for _ in 0..<100_000 {
            let bytes = random.mutate(sample)
            guard (try? JSONScanner.validate(bytes.span, maximumDepth: 8)) != nil else { continue }
            accepted += 1
            let end = try JSONScanner.skipValue(bytes.span, at: 0, maximumDepth: 8)
            #expect(JSONScanner.skipWhitespace(bytes.span, at: end) == bytes.count)
        }
        #expect(accepted > 1000)
    }
}
