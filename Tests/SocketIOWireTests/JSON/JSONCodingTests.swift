import SocketIOWire
import Testing

/// Both directions at once: what a value is on the wire, and that it comes back.
@Suite struct JSONCodingTests {
    private func encode(_ value: some Encodable) throws -> String {
        let writer = ByteWriter()
        writer.append(UInt8(ascii: ">"))
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        #expect(attachments.isEmpty)
        return String(decoding: writer.array(in: 1..<writer.count), as: UTF8.self)
    }

    private func decode<T: Decodable>(_ text: String, as type: T.Type = T.self) throws -> T {
        try JSONCoding.decode(type, from: Array(text.utf8).span, attachments: [])
    }

    private func expectRoundTrip<T: Codable & Equatable>(_ value: T, _ text: String) throws {
        #expect(try encode(value) == text)
        #expect(try decode(text) == value)
    }

    @Test func `scalars`() throws {
        try expectRoundTrip("a\n\"é", #""a\n\"é""#)
        try expectRoundTrip(42, "42")
        try expectRoundTrip(-1.5, "-1.5")
        try expectRoundTrip(true, "true")
        try expectRoundTrip(Int8(-7), "-7")
        try expectRoundTrip(UInt64.max, "18446744073709551615")
        try expectRoundTrip(Float(0.1), "0.1")
        try expectRoundTrip(UInt16(9), "9")
    }

    @Test func `optional scalars`() throws {
        try expectRoundTrip(String?.none, "null")
        try expectRoundTrip(String?.some("a"), #""a""#)
        try expectRoundTrip(Int?.none, "null")
        try expectRoundTrip(Int?.some(1), "1")
        try expectRoundTrip([1, nil, 3] as [Int?], "[1,null,3]")
        try expectRoundTrip(["a", nil] as [String?], #"["a",null]"#)
    }

    struct Message: Codable, Equatable {
        struct Author: Codable, Equatable {
            var id: UInt32
            var name: String
        }
        var text: String
        var author: Author
        var tags: [String]
        var scores: [String: Double]
        var edited: Bool?
        var reply: [Author]?
        var point: [[Int]]
    }

    @Test func `structs, arrays and dictionaries within one another`() throws {
        let message = Message(
            text: "hé", author: .init(id: 7, name: "Ada"), tags: ["a", "b"], scores: ["x": 0.5], edited: nil,
            reply: [.init(id: 1, name: "")], point: [[1, 2], []])
        try expectRoundTrip(
            message,
            #"{"text":"hé","author":{"id":7,"name":"Ada"},"tags":["a","b"],"scores":{"x":0.5},"#
                + #""reply":[{"id":1,"name":""}],"point":[[1,2],[]]}"#)
    }

    @Test func `whitespace, key order, unknown keys and escaped keys do not matter`() throws {
        let text = #" { "n\u0061me" : "Ada" , "more":[{"id":[]}], "id" : 1.0 } "#
        #expect(try decode(text) == Message.Author(id: 1, name: "Ada"))
    }

    @Test func `the last of several members with one key counts`() throws {
        #expect(try decode(#"{"id":1,"name":"a","id":2,"name":"b"}"#) == Message.Author(id: 2, name: "b"))
        #expect(try decode(#"{"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
    }

    enum Shape: Codable, Equatable {
        case point
        case circle(radius: Double)
        case polygon(sides: Int, name: String?, _: [Int])
    }

    @Test func `enums with associated values`() throws {
        try expectRoundTrip([Shape.point], #"[{"point":{}}]"#)
        try expectRoundTrip(Shape.circle(radius: 2.5), #"{"circle":{"radius":2.5}}"#)
        try expectRoundTrip(
            [Shape.polygon(sides: 3, name: nil, [1]), .circle(radius: 1)],
            #"[{"polygon":{"sides":3,"_2":[1]}},{"circle":{"radius":1}}]"#)
    }

    enum Mood: String, Codable { case happy, sad }
    enum Level: Int, Codable { case low = 1, high }

    @Test func `enums with raw values, also as keys`() throws {
        try expectRoundTrip([Mood.happy, .sad], #"["happy","sad"]"#)
        try expectRoundTrip(Level.high, "2")
        try expectRoundTrip([1: "a"], #"{"1":"a"}"#)
        try expectRoundTrip([Level.low: 1.5], "[1,1.5]")
        #expect(throws: DecodingError.self) { try decode(#"{"x":1}"#, as: [Int: Int].self) }
    }

    class Animal: Codable {
        var name = "cat"
        init() {}
    }

    final class Dog: Animal {
        var age = 3
        private enum CodingKeys: CodingKey { case age }
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            age = try container.decode(Int.self, forKey: .age)
            try super.init(from: container.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try super.encode(to: container.superEncoder())
            try container.encode(age, forKey: .age)
        }
    }

    @Test func `a superclass has an object of its own`() throws {
        #expect(try encode(Dog()) == #"{"super":{"name":"cat"},"age":3}"#)
        let dog = try decode(#"{"age":9,"super":{"name":"Rex"}}"#, as: Dog.self)
        #expect(dog.age == 9)
        #expect(dog.name == "Rex")
        #expect(throws: DecodingError.self) { try decode(#"{"age":9}"#, as: Dog.self) }
    }

    final class Cat: Animal {
        private enum CodingKeys: CodingKey { case lives }
        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(9, forKey: .lives)
        }
    }

    @Test func `a class and its superclass may share one object`() throws {
        #expect(try encode(Cat()) == #"{"name":"cat","lives":9}"#)
    }

    struct OutOfOrder: Encodable {
        func encode(to encoder: any Encoder) throws {
            var root = encoder.container(keyedBy: Key.self)
            var first = root.nestedContainer(keyedBy: Key.self, forKey: .a)
            var second = root.nestedUnkeyedContainer(forKey: .b)
            let later = root.superEncoder(forKey: .c)
            try root.encode(1, forKey: .d)
            try second.encode("x")
            var inner = second.nestedContainer(keyedBy: Key.self)
            try second.encode("y")
            try first.encode(2, forKey: .a)
            try inner.encode([3], forKey: .b)
            try first.encodeNil(forKey: .b)
            var single = later.singleValueContainer()
            try single.encode("late")
        }
        enum Key: CodingKey { case a, b, c, d }
    }

    @Test func `containers may be written in any order`() throws {
        #expect(
            try encode([OutOfOrder()]) == #"[{"a":{"a":2,"b":null},"b":["x",{"b":[3]},"y"],"c":"late","d":1}]"#)
    }

    struct Silent: Encodable {
        func encode(to encoder: any Encoder) throws {}
    }

    @Test func `a value that writes nothing is an empty object`() throws {
        #expect(try encode(["a": Silent()]) == #"{"a":{}}"#)
        #expect(try encode(Silent()) == "{}")
        #expect(try encode([String: Int]()) == "{}")
        #expect(try encode([Int]()) == "[]")
    }

    @Test func `NaN is null, and nil written explicitly is null`() throws {
        #expect(try encode([1.5, .nan, .infinity]) == "[1.5,null,null]")
        #expect(try encode(["a": Int?.none]) == #"{"a":null}"#)
        #expect(try decode(#"{"a":null}"#) == ["a": Int?.none])
    }

    struct Failing: Encodable {
        struct Failure: Error {}
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode([UInt8]([1]))
            _ = container.superEncoder()
            throw Failure()
        }
    }

    struct Forgiving: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(1)
            do { try container.encode(Failing()) } catch {}
            try container.encode(2)
        }
    }

    @Test func `what fails to encode leaves nothing behind`() throws {
        let writer = ByteWriter()
        writer.append("42[")
        var attachments: [[UInt8]] = [[9]]
        #expect(throws: Failing.Failure.self) {
            try JSONCoding.encode([["a": Failing()]], into: writer, attachments: &attachments)
        }
        #expect(writer.array() == Array("42[".utf8))
        #expect(attachments == [[9]])
        #expect(try encode(Forgiving()) == "[1,2]")
    }

    struct Tree: Codable, Equatable {
        var children: [Tree]
    }

    @Test func `types may contain themselves, to a depth that fits the stack`() throws {
        var text = #"{"children":[]}"#
        for _ in 0..<100 { text = #"{"children":[\#(text)]}"# }
        #expect(try encode(decode(text, as: Tree.self)) == text)
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: DecodingError.self) { try decode(deep, as: JSONValue.self) }
    }

    @Test func `random messages come back as they were`() throws {
        var random = JSONTestRandom(seed: 4)
        let letters = ["a", "\"", "\\", "\n", "é", "😀", "\u{2028}", "\0", " ", "{"]
        func text() -> String {
            (0..<Int.random(in: 0..<20, using: &random)).map { _ in letters.randomElement(using: &random)! }.joined()
        }
        for _ in 0..<2000 {
            let message = Message(
                text: text(), author: .init(id: .random(in: 0...UInt32.max, using: &random), name: text()),
                tags: [text(), text()], scores: [text(): Double(bitPattern: random.next() >> 2)],
                edited: [nil, true, false].randomElement(using: &random)!, reply: nil,
                point: [[.random(in: .min ... .max, using: &random)]])
            #expect(try decode(encode(message)) == message)
        }
    }
}
