@testable import SocketIOWire
import Testing

/// Coding many values with one memory, as a server does: nothing of one may show in another.
/// `@unchecked Sendable`: each test stays on its thread.
@Suite struct JSONMemoryTests: @unchecked Sendable {
    private let writer = ByteWriter()
    private let memory = JSONMemory()

    private func decode<T: Decodable>(_ text: String, as type: T.Type = T.self) throws -> T {
        let bytes = Array(text.utf8)
        var arguments = ArgumentList()
        arguments.append(ScannedValue(0..<bytes.count, isPlainString: false))
        var cursor = ArgumentList.Cursor()
        return try cursor.decode(type, of: arguments, in: bytes.span, attachments: [], memory: memory)
    }

    private func encode(_ value: some Encodable) throws -> String {
        let start = writer.count
        defer { writer.truncate(to: start) }
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, memory: memory, attachments: &attachments)
        return String(decoding: writer.array(in: start..<writer.count), as: UTF8.self)
    }

    struct Person: Codable, Equatable {
        var id: Int
        var name: String
        var friend: [Person]?
        var age: Int?
    }

    @Test(arguments: [
        #"{"id":1,"name":"a","friend":[{"id":2,"name":"b"}],"age":3}"#,
        #"{"age":3,"friend":[{"name":"b","id":2}],"name":"a","id":1}"#,
        #"{"name":"a","friend":[{"id":2,"x":{"id":9,"name":"y"},"name":"b"}],"age":3,"id":1}"#,
        #"{"id":9,"id":1,"name":"a","friend":[{"id":2,"name":"z","name":"b"}],"age":3}"#,
        #"{"id":1,"name":"z","friend":[],"age":3,"friend":[{"id":2,"name":"b"}],"name":"a"}"#,
        #"{"id":9,"name":"a","friend":[{"id":2,"name":"b"}],"age":3,"\u0069d":1}"#,
        #"{"\u0069d":9,"name":"a","friend":[{"\u0069d":2,"name":"b","age":null}],"age":3,"id":1}"#,
    ])
    func `members count by their keys, in any order, and the last of several`(text: String) throws {
        let expected = Person(id: 1, name: "a", friend: [Person(id: 2, name: "b")], age: 3)
        for _ in 0..<3 { #expect(try decode(text) == expected) }
    }

    @Test func `members that are missing or null are nil, or refused by name`() throws {
        #expect(try decode(#"{"id":1,"name":"a"}"#) == Person(id: 1, name: "a"))
        #expect(try decode(#"{"friend":null,"id":1,"age":null,"name":"a"}"#) == Person(id: 1, name: "a"))
        for _ in 0..<2 {
            #expect { try decode(#"{"id":1,"age":1,"friend":[{"name":"b"}],"name":"a"}"#, as: Person.self) } throws: {
                guard case DecodingError.keyNotFound(let key, let context) = $0 else { return false }
                return key.stringValue == "id" && context.codingPath.map(\.stringValue).suffix(2) == ["friend", "0"]
            }
        }
        #expect(try decode(#"{"id":1,"name":"a"}"#) == Person(id: 1, name: "a"))
    }

    struct Twin: Decodable, Equatable {
        var values: [Int]
        init(from decoder: any Decoder) throws {
            // Two containers of one object, asked in turns.
            let first = try decoder.container(keyedBy: Keys.self)
            let second = try decoder.container(keyedBy: Keys.self)
            values = [
                try first.decode(Int.self, forKey: .a), try second.decode(Int.self, forKey: .a),
                try first.decode(Int.self, forKey: .b), try second.decode(Int.self, forKey: .c),
                try first.nestedContainer(keyedBy: Keys.self, forKey: .d).decode(Int.self, forKey: .a),
                try second.decode(Int.self, forKey: .b),
            ]
        }
        enum Keys: CodingKey { case a, b, c, d }
    }

    @Test func `several containers of an object do not disturb one another`() throws {
        #expect(try decode(#"{"a":1,"b":2,"d":{"b":7,"a":8},"c":3}"#, as: Twin.self).values == [1, 1, 2, 3, 8, 2])
    }

    @Test func `a text that looks like the key of the object behind it is no key`() throws {
        struct Item: Decodable { var a: Int }
        enum Entry: Decodable {
            case text(String)
            case item(Item)
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .item(try container.decode(Item.self))
                }
            }
        }
        let entries = try decode(#"[{"a":1},"a",{"b":0,"a":5}]"#, as: [Entry].self)
        guard case .item(let last) = entries[2] else { throw DecodingFailure() }
        #expect(last.a == 5)
    }

    private struct DecodingFailure: Error {}

    @Test func `random objects are decoded as a dictionary has them`() throws {
        struct Letters: Decodable, Equatable {
            var a: Int?
            var b: Int?
            var ab: Int?
            var ba: Int?
        }
        var random = JSONTestRandom(seed: 11)
        for _ in 0..<5000 {
            let members = (0..<Int.random(in: 0..<7, using: &random)).map { number in
                let key = ["a", "b", "ab", "ba", "", #"\u0061"#, "other"].randomElement(using: &random)!
                return #""\#(key)":\#(number)"#
            }
            let text = "{\(members.joined(separator: ","))}"
            let table = try JSONCoding.decode([String: Int].self, from: Array(text.utf8).span, attachments: [])
            let letters = try decode(text, as: Letters.self)
            #expect(
                letters == Letters(a: table["a"], b: table["b"], ab: table["ab"], ba: table["ba"]),
                "\(text)")
        }
    }

    final class Keeper: Decodable {
        let decoder: any Decoder
        init(from decoder: any Decoder) throws { self.decoder = decoder }
    }

    @Test func `a decoder that a type keeps stays with its value`() throws {
        let keeper = try decode(#"{"id":1,"name":"kept"}"#, as: Keeper.self)
        #expect(try decode(#"{"id":2,"name":"later"}"#, as: Person.self).name == "later")
        #expect(try Person(from: keeper.decoder) == Person(id: 1, name: "kept"))
    }

    struct Nesting: Codable {
        var text: String
        var inner: Person

        init(text: String, inner: Person) {
            self.text = text
            self.inner = inner
        }

        enum Keys: CodingKey { case text, inner }

        @TaskLocal static var tests: JSONMemoryTests?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            text = try container.decode(String.self, forKey: .text)
            _ = try Nesting.tests!.decode(text, as: Person.self)
            inner = try container.decode(Person.self, forKey: .inner)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(Nesting.tests!.encode(inner), forKey: .text)
            try container.encode(inner, forKey: .inner)
        }
    }

    @Test func `a value may be coded while another one is`() throws {
        let value = Nesting(text: "", inner: Person(id: 1, name: "a"))
        let text = #"{"text":"{\"id\":1,\"name\":\"a\"}","inner":{"id":1,"name":"a"}}"#
        try Nesting.$tests.withValue(self) {
            for _ in 0..<3 {
                let encoded = try encode(value)
                #expect(encoded == text)
                let decoded = try decode(text, as: Nesting.self)
                #expect(decoded.inner == value.inner)
            }
        }
    }

    struct Failing: Encodable {
        struct Failure: Error {}
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Nesting.Keys.self)
            try container.encode([UInt8]([1]), forKey: .text)
            _ = container.superEncoder()
            throw Failure()
        }
    }

    @Test func `what failed to encode leaves nothing to the next value`() throws {
        for _ in 0..<3 {
            #expect(throws: Failing.Failure.self) { try encode(["a": Failing()]) }
            #expect(try encode(Person(id: 1, name: "a")) == #"{"id":1,"name":"a"}"#)
        }
    }

    @Test func `the memory and what it keeps go with its owner`() throws {
        weak var memory: JSONMemory?
        weak var types: KnownTypes?
        do {
            let made = JSONMemory()
            (memory, types) = (made, made.types)
            var attachments: [[UInt8]] = []
            try JSONCoding.encode(
                Person(id: 1, name: "a", friend: []), into: writer, memory: made, attachments: &attachments)
        }
        #expect(memory == nil)
        #expect(types == nil)
    }

    struct Path: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(encoder.codingPath.map(\.stringValue).joined(separator: "."))
        }
    }

    @Test func `the coding path leads to the value being encoded`() throws {
        let value = ["a": [[Path(), Path()]], "b": []]
        let text = try encode(value)
        #expect([#"{"a":[["a.0.0","a.0.1"]],"b":[]}"#, #"{"b":[],"a":[["a.0.0","a.0.1"]]}"#].contains(text))
        #expect(try encode(Path()) == #""""#)
    }

    // MARK: Scanned as the argument of an event

    private func decodeArguments<T: Decodable>(_ packet: String, as type: T.Type, isKept: Bool = true) throws -> [T] {
        let text = Array(packet.utf8)
        let event = try EventPayload(
            parsingEvent: text.span, from: 1, limits: PacketLimits(), memory: isKept ? memory : nil)
        var cursor = ArgumentList.Cursor()
        return try (0..<event.arguments.count).map { _ in
            try cursor.decode(type, of: event.arguments, in: text.span, attachments: [], memory: memory)
        }
    }

    @Test func `each argument of an event is decoded from its own text`() throws {
        let packet =
            #"2["e",{"id":1,"name":"a"}, {"id":2,"name":"b","friend":[{"id":4,"name":"d"}]} ,{"name":"c","id":3}]"#
        for isKept in [true, false, true] {
            let people = try decodeArguments(packet, as: Person.self, isKept: isKept)
            #expect(people.map(\.id) == [1, 2, 3])
            #expect(people[1].friend == [Person(id: 4, name: "d")])
        }
    }

    @Test func `an event may be decoded again, and after others`() throws {
        let (first, second) = (Array(#"2["e",{"id":1,"name":"a"}]"#.utf8), Array(#"2["e",{"id":2,"name":"b"}]"#.utf8))
        let limits = PacketLimits()
        let event = try EventPayload(parsingEvent: first.span, from: 1, limits: limits, memory: memory)
        func name(_ event: EventPayload, _ text: [UInt8]) throws -> String {
            var cursor = ArgumentList.Cursor()
            return try cursor.decode(
                Person.self, of: event.arguments, in: text.span, attachments: [], memory: memory
            ).name
        }
        #expect(try name(event, first) == "a")
        #expect(try name(event, first) == "a")
        let other = try EventPayload(parsingEvent: second.span, from: 1, limits: limits, memory: memory)
        #expect(try name(event, first) == "a")
        #expect(try name(other, second) == "b")
        #expect(throws: ProtocolViolation.self) {
            try EventPayload(
                parsingEvent: Array(#"2["e",{"id":3,]"#.utf8).span, from: 1, limits: limits, memory: memory)
        }
        #expect(try name(other, second) == "b")
    }

    /// Around 4096 nodes, which is as many as are kept before anybody asks for them.
    @Test(arguments: [4094, 4095, 4096, 4097, 20_000])
    func `long arguments are decoded in full`(count: Int) throws {
        let numbers = Array(0..<count)
        let list = "[" + numbers.map(String.init).joined(separator: ",") + "]"
        #expect(try decodeArguments(#"2["e",\#(list)]"#, as: [Int].self) == [numbers])
        let lists = try decodeArguments(#"2["e",[[],\#(list),[1]]]"#, as: [[Int]].self)
        #expect(lists == [[[], numbers, [1]]])
    }
}
