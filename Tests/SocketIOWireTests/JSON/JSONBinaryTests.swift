import SocketIOWire
import Testing

/// What `Data` and `Date` are in the module that knows them.
private struct Blob: Codable, Equatable, WireValue {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var wireForm: WireForm { .bytes(bytes) }

    init(wireForm: WireForm) throws {
        guard case .bytes(let bytes) = wireForm else { throw Wrong() }
        self.bytes = bytes
    }
}

private struct Stamp: Codable, Equatable, WireValue {
    var text: String

    init(_ text: String) { self.text = text }

    var wireForm: WireForm { .string(text) }

    init(wireForm: WireForm) throws {
        guard case .string(let text) = wireForm, text != "never" else { throw Wrong() }
        self.text = text
    }
}

private struct Wrong: Error {}

@Suite struct JSONBinaryTests {
    private func expectRoundTrip<T: Codable & Equatable>(_ value: T, _ text: String, _ bytes: [[UInt8]]) throws {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        #expect(String(decoding: writer.array(), as: UTF8.self) == text)
        #expect(attachments == bytes)
        #expect(try decode(text, bytes) == value)
    }

    private func decode<T: Decodable>(_ text: String, _ attachments: [[UInt8]], as type: T.Type = T.self) throws -> T {
        try JSONCoding.decode(type, from: Array(text.utf8).span, attachments: attachments)
    }

    @Test func `bytes anywhere travel as attachments, in the order met`() throws {
        try expectRoundTrip([UInt8]([1, 2]), #"{"_placeholder":true,"num":0}"#, [[1, 2]])
        try expectRoundTrip(
            [[1], []] as [[UInt8]], #"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, [[1], []])
        try expectRoundTrip(["a": [7] as [UInt8]?], #"{"a":{"_placeholder":true,"num":0}}"#, [[7]])
        try expectRoundTrip([UInt8]?.none, "null", [])
    }

    private struct File: Codable, Equatable {
        var name: String
        var data: Blob
        var more: [Blob]
        var dates: [String: Stamp]
        var nothing: Blob?
        var raw: JSONValue
    }

    @Test func `wire values are honoured at any depth and in any container`() throws {
        let file = File(
            name: "f", data: Blob([1]), more: [Blob([2]), Blob([])], dates: ["x": Stamp("today")], nothing: nil,
            raw: ["b": .binary([3])])
        try expectRoundTrip(
            [file],
            #"[{"name":"f","data":{"_placeholder":true,"num":0},"more":[{"_placeholder":true,"num":1},"#
                + #"{"_placeholder":true,"num":2}],"dates":{"x":"today"},"raw":{"b":{"_placeholder":true,"num":3}}}]"#,
            [[1], [2], [], [3]])
        try expectRoundTrip(Stamp("now"), #""now""#, [])
        try expectRoundTrip([Blob?.none, Blob([5])], #"[null,{"_placeholder":true,"num":0}]"#, [[5]])
    }

    @Test(arguments: [
        "-1", "1.5", #""0""#, "9223372036854775808", "1", "null", "[]", "1e400", "18446744073709551616", "true",
    ])
    func `a placeholder that names no attachment is refused`(number: String) {
        let text = #"{"_placeholder":true,"num":\#(number)}"#
        #expect(throws: DecodingError.self) { try decode(text, [[1]], as: [UInt8].self) }
        #expect(throws: DecodingError.self) { try decode(text, [[1]], as: JSONValue.self) }
        #expect(throws: DecodingError.self) { try decode("[\(text)]", [[1]], as: [Blob].self) }
    }

    @Test func `a placeholder may look like any JSON object`() throws {
        #expect(try decode(#" { "num" : 1.0, "x":[], "_placeholder" : true } "#, [[1], [2]]) == [UInt8]([2]))
        #expect(throws: DecodingError.self) { try decode(#"{"_placeholder":true}"#, [[1]], as: [UInt8].self) }
        #expect(throws: DecodingError.self) {
            try decode(#"{"_placeholder":false,"num":0}"#, [[1]], as: [UInt8].self)
        }
        #expect(
            try decode(#"{"_placeholder":false,"num":0}"#, [[1]]) == (["_placeholder": false, "num": 0] as JSONValue))
    }

    @Test func `without attachments a placeholder is an object like any other`() throws {
        let text = #"{"_placeholder":true,"num":0}"#
        #expect(try decode(text, []) == (["_placeholder": true, "num": 0] as JSONValue))
        #expect(throws: DecodingError.self) { try decode(text, [], as: [UInt8].self) }
    }

    @Test func `a list of small numbers is taken for bytes`() throws {
        #expect(try decode("[1,255]", []) == [UInt8]([1, 255]))
        #expect(throws: DecodingError.self) { try decode("[256]", [], as: [UInt8].self) }
    }

    @Test func `a wire value that is not one is refused with the way to it`() {
        do {
            _ = try decode(#"{"a":["now","never"]}"#, [], as: [String: [Stamp]].self)
            Issue.record("decoded")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.codingPath.map(\.stringValue) == ["a", "1"])
            #expect(context.underlyingError is Wrong)
        } catch {
            Issue.record(error)
        }
        #expect(throws: DecodingError.self) { try decode("1", [], as: Stamp.self) }
        #expect(throws: DecodingError.self) { try decode(#""text""#, [[1]], as: Blob.self) }
    }

    private struct Handing: Decodable {
        var value: JSONValue
        init(from decoder: any Decoder) throws { value = try JSONValue(from: decoder) }
    }

    @Test func `bytes stay bytes where a type hands its decoder on`() throws {
        #expect(try decode(#"[{"_placeholder":true,"num":0}]"#, [[4]], as: Handing.self).value == [.binary([4])])
    }
}
