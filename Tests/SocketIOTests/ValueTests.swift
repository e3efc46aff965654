import Foundation
import SocketIO
import Testing

/// What JavaScript gets for each type, and what it sends for it: the table of Values.md.
@Suite struct ValueTests {
    private func json<T: Encodable>(_ value: T) throws -> (text: String, attachments: [[UInt8]]) {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        return (String(decoding: writer.array(), as: UTF8.self), attachments)
    }

    private func decode<T: Decodable>(_ type: T.Type, _ text: String, _ attachments: [[UInt8]] = []) throws -> T {
        try JSONCoding.decode(type, from: Array(text.utf8).span, attachments: attachments)
    }

    private func expect<T: Codable & Equatable>(
        _ value: T, _ text: String, _ attachments: [[UInt8]] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let sent = try json(value)
        #expect(sent.text == text, sourceLocation: sourceLocation)
        #expect(sent.attachments == attachments, sourceLocation: sourceLocation)
        #expect(try decode(T.self, text, attachments) == value, sourceLocation: sourceLocation)
        // The same within other values.
        let nested = try json(["a": [value]])
        #expect(nested.text == #"{"a":[\#(text)]}"#, sourceLocation: sourceLocation)
        #expect(
            try decode([String: [T]].self, nested.text, nested.attachments) == ["a": [value]],
            sourceLocation: sourceLocation)
    }

    private enum Colour: String, Codable, CodingKeyRepresentable { case red, green }
    private enum Level: Int, Codable { case low = 1, high }
    private struct Point: Codable, Hashable { var x: Int, y: Int? }
    private enum Shape: Codable, Equatable { case circle(radius: Int), none }

    @Test func `plain values are what they are in JavaScript`() throws {
        try expect("text", #""text""#)
        try expect(true, "true")
        try expect(7, "7")
        try expect(Int64.max, "9223372036854775807")
        try expect(UInt16(255), "255")
        try expect(2.5, "2.5")
        try expect(Float(0.1), "0.1")
        try expect([1, 2], "[1,2]")
        try expect(Set([1]), "[1]")
        try expect(["a": 1], #"{"a":1}"#)
        try expect(Point(x: 1, y: 2), #"{"x":1,"y":2}"#)
        try expect(1..<3, "[1,3]")
    }

    @Test func `nothing is null, and left out of an object`() throws {
        try expect(Int?.none, "null")
        try expect(String?.some("x"), #""x""#)
        try expect([1, nil], "[1,null]")
        try expect(Point(x: 1, y: nil), #"{"x":1}"#)
        #expect(try decode(Point.self, #"{"x":1,"y":null}"#) == Point(x: 1, y: nil))
        #expect(try json(Double.nan).text == "null")
        #expect(try json(-Double.infinity).text == "null")
    }

    @Test func `bytes are attachments`() throws {
        let placeholder = #"{"_placeholder":true,"num":0}"#
        #expect(try json(Data([1, 2])).text == placeholder)
        #expect(try json(Data([1, 2])).attachments == [[1, 2]])
        #expect(try decode(Data.self, placeholder, [[1, 2]]) == Data([1, 2]))
        #expect(try json([1, 2] as [UInt8]).attachments == [[1, 2]])
    }

    @Test func `enumerations with raw values are these`() throws {
        try expect(Colour.green, #""green""#)
        try expect(Level.high, "2")
        try expect(Shape.circle(radius: 2), #"{"circle":{"radius":2}}"#)
        #expect(throws: DecodingError.self) { try decode(Colour.self, #""blue""#) }
    }

    @Test func `the types of Foundation are what its own coders make of them`() throws {
        let id = try #require(UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F"))
        try expect(id, #""E621E1F8-C36C-495A-93FC-0C247A3E6E5F""#)
        #expect(try decode(UUID.self, #""e621e1f8-c36c-495a-93fc-0c247a3e6e5f""#) == id)
        try expect(try #require(URL(string: "https://a.example/b?c=d#e")), #""https://a.example/b?c=d#e""#)
        try expect(try #require(URL(string: "../b")), #""../b""#)
        for text in ["1", "-0.1", "123456789012345678901234567890.12345678", "0"] {
            try expect(try #require(Decimal(string: text)), text)
        }
        #expect(try decode(Decimal.self, "1.50e-3") == Decimal(string: "0.0015"))
        #expect(try json(Decimal.nan).text == "null")
        for (type, text) in [(URL.self, "7"), (URL.self, #""""#), (Decimal.self, #""1""#), (Decimal.self, "1e400")]
            as [(any Decodable.Type, String)]
        {
            #expect(throws: DecodingError.self, "\(type) \(text)") { try decode(type, text) }
        }
    }

    @Test func `keys of a dictionary are text or whole numbers; others make a list of keys and values`() throws {
        try expect([7: "x"], #"{"7":"x"}"#)
        try expect([Colour.red: 1], #"{"red":1}"#)
        try expect([true: 1], "[true,1]")
        try expect([Point(x: 1, y: nil): "x"], #"[{"x":1},"x"]"#)
        try expect([Level.low: "x"], #"[1,"x"]"#)
        try expect([Date(timeIntervalSince1970: 0): 1], #"["1970-01-01T00:00:00.000Z",1]"#)
        #expect(throws: DecodingError.self) { try decode([Int: String].self, #"{"x":"y"}"#) }
    }
}

/// Dates as JavaScript writes and reads them.
@Suite struct DateValueTests {
    private func text(_ date: Date) throws -> String {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(date, into: writer, attachments: &attachments)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    private func date(_ text: String) throws -> Date {
        try JSONCoding.decode(Date.self, from: Array(#""\#(text)""#.utf8).span, attachments: [])
    }

    @Test func `each millisecond of a second goes back and forth`() throws {
        for millisecond in 0..<1_000 {
            let digits = String(String(millisecond + 1_000).dropFirst())
            let text = "2026-01-31T12:00:00.\(digits)Z"
            #expect(try self.text(date(text)) == "\"\(text)\"")
            let made = Date(timeIntervalSince1970: 1_769_860_800 + Double(millisecond) / 1_000)
            #expect(try self.text(made) == "\"\(text)\"")
            #expect(try date(text) == made)
        }
    }

    @Test func `what is between two milliseconds is rounded`() throws {
        #expect(try text(Date(timeIntervalSince1970: 1.678_4)) == #""1970-01-01T00:00:01.678Z""#)
        #expect(try text(Date(timeIntervalSince1970: 1.677_6)) == #""1970-01-01T00:00:01.678Z""#)
        #expect(try text(Date(timeIntervalSince1970: 1.999_9)) == #""1970-01-01T00:00:02.000Z""#)
        #expect(try text(Date(timeIntervalSince1970: -0.000_6)) == #""1969-12-31T23:59:59.999Z""#)
    }

    // What `new Date(…).toISOString()` says in Node 22.
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (-1.0, "1969-12-31T23:59:59.000Z"),
        (951_782_400.0, "2000-02-29T00:00:00.000Z"), (4_107_456_000.0, "2100-02-28T00:00:00.000Z"),
        (4_107_542_400.0, "2100-03-01T00:00:00.000Z"), (-62_135_596_800.0, "0001-01-01T00:00:00.000Z"),
        (-62_167_219_200.0, "0000-01-01T00:00:00.000Z"), (-62_167_219_200.001, "-000001-12-31T23:59:59.999Z"),
        (253_402_300_799.999, "9999-12-31T23:59:59.999Z"), (253_402_300_800.0, "+010000-01-01T00:00:00.000Z"),
        (8_640_000_000_000.0, "+275760-09-13T00:00:00.000Z"), (-8_640_000_000_000.0, "-271821-04-20T00:00:00.000Z"),
        (-12_219_292_800.0, "1582-10-15T00:00:00.000Z"), (-12_219_379_200.0, "1582-10-14T00:00:00.000Z"),
    ])
    func `any time of JavaScript is written as it does`(seconds: Double, text: String) throws {
        #expect(try self.text(Date(timeIntervalSince1970: seconds)) == "\"\(text)\"")
        #expect(try abs(date(text).timeIntervalSince1970 - seconds) < 0.000_5)
    }

    @Test(arguments: [8_640_000_000_000.001, -8_640_000_000_000.001, .infinity, -.infinity, .nan, 1e300])
    func `a time that JavaScript does not have is null`(seconds: Double) throws {
        #expect(try text(Date(timeIntervalSince1970: seconds)) == "null")
    }

    @Test func `other forms of ISO 8601 are read, and what is none is refused`() throws {
        let expected = Date(timeIntervalSince1970: 1_769_860_800)
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00.0Z"] {
            #expect(try date(text) == expected, "\(text)")
        }
        for text in [
            "", "yesterday", "2026-13-01T12:00:00.000Z", "+275760-09-13T00:00:00.001Z", "2026-01-31",
        ] {
            #expect(throws: DecodingError.self, "\(text)") { try date(text) }
        }
    }

    @Test func `random times go back and forth`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
            let made = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            let text = try text(made).dropFirst().dropLast()
            #expect(try date(String(text)) == made)
        }
    }
}
