import SocketIOWire
import Testing

/// The way in an error, in each shape in which a value can be held and asked for.
@Suite struct JSONErrorPathTests {
    /// Decodes with a closure, which says what it found.
    private struct Probe: Decodable {
        @TaskLocal static var body: @Sendable (any Decoder) throws -> [String] = { _ in [] }
        let found: [String]

        init(from decoder: any Decoder) throws {
            found = try Self.body(decoder)
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init(_ name: String) { stringValue = name }
        init?(intValue: Int) { nil }
    }

    private func probe(_ text: String, _ body: @escaping @Sendable (any Decoder) throws -> [String]) throws -> [String]
    {
        try Probe.$body.withValue(body) {
            try JSONCoding.decode(Probe.self, from: Array(text.utf8).span, attachments: []).found
        }
    }

    /// The way in the error that `body` throws.
    private static func way(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context)
        {
            return way(context.codingPath)
        } catch {
            return "\(error)"
        }
    }

    private static func way(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map { "#\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }

    @Test func `an array of many, each tried as what it is not`() throws {
        let ways = try probe("[\((0..<3000).map { "\($0)" }.joined(separator: ","))]") { decoder in
            var container = try decoder.unkeyedContainer()
            var ways: [String] = []
            while container.currentIndex < (container.count ?? 0) {
                guard try !container.decodeNil() else { continue }
                ways.append(Self.way { _ = try container.decode(String.self) })
                _ = try container.decode(Int.self)
            }
            ways.append(Self.way { _ = try container.decode(Int.self) })
            return ways
        }
        #expect(ways == (0...3000).map { "#\($0)" })
    }

    @Test func `nulls are passed, and count`() throws {
        let ways = try probe("[null,1,null,null,2]") { decoder in
            var container = try decoder.unkeyedContainer()
            var ways: [String] = []
            while !container.isAtEnd {
                if try container.decodeNil() { continue }
                ways.append(Self.way { _ = try container.decode(Bool.self) })
                _ = try container.decode(Int.self)
            }
            return ways
        }
        #expect(ways == ["#1", "#4"])
    }

    @Test func `arrays and objects within one another, and containers that take turns`() throws {
        let ways = try probe(#"[[1,[2,3]],{"a":[4],"b":{"c":5}}]"#) { decoder in
            var outer = try decoder.unkeyedContainer()
            var array = try outer.nestedUnkeyedContainer()
            let object = try outer.nestedContainer(keyedBy: Key.self)
            var ways = [Self.way { _ = try array.decode(String.self) }]
            var list = try object.nestedUnkeyedContainer(forKey: Key("a"))
            ways.append(Self.way { _ = try list.decode(String.self) })
            _ = try array.decode(Int.self)
            var inner = try array.nestedUnkeyedContainer()
            _ = try inner.decode(Int.self)
            ways.append(Self.way { _ = try inner.decode(Bool.self) })
            ways.append(Self.way { _ = try list.decode(Bool.self) })
            let nested = try object.nestedContainer(keyedBy: Key.self, forKey: Key("b"))
            ways.append(Self.way { _ = try nested.decode(Bool.self, forKey: Key("c")) })
            ways.append(Self.way { _ = try nested.decode(Bool.self, forKey: Key("d")) })
            ways.append(Self.way { _ = try nested.nestedUnkeyedContainer(forKey: Key("c")) })
            ways += [Self.way(array.codingPath), Self.way(inner.codingPath), Self.way(nested.codingPath)]
            return ways
        }
        #expect(
            ways == [
                "#0.#0", "#1.a.#0", "#0.#1.#1", "#1.a.#0", "#1.b.c", "#1.b", "#1.b.c", "#0", "#0.#1", "#1.b",
            ])
    }

    @Test func `super decoders`() throws {
        let ways = try probe(#"{"x":[1,2],"super":3}"#) { decoder in
            let object = try decoder.container(keyedBy: Key.self)
            var list = try object.nestedUnkeyedContainer(forKey: Key("x"))
            _ = try list.superDecoder()
            let second = try list.superDecoder()
            let first = try object.superDecoder()
            return [
                Self.way(second.codingPath), Self.way { _ = try String(from: second) },
                Self.way { _ = try second.unkeyedContainer() }, Self.way { _ = try String(from: first) },
                Self.way { _ = try String(from: object.superDecoder(forKey: Key("x"))) },
            ]
        }
        #expect(ways == ["x.#1", "x.#1", "x.#1", "super", "x"])
    }

    @Test(arguments: [3, 1000])
    func `the keys of small and large objects, in another order than theirs`(count: Int) throws {
        let members = (0..<count).map { #""k\#($0)":{"v":\#($0)}"# } + [#""k0":{"v":[0]}"#]
        let found = try probe("{\(members.joined(separator: ","))}") { decoder in
            let object = try decoder.container(keyedBy: Key.self)
            #expect(object.allKeys.count == count)
            return object.allKeys.reversed().map { key in
                #expect(object.contains(key) && !object.contains(Key(key.stringValue + "x")))
                return Self.way { _ = try object.decode([String: String].self, forKey: key) }
            }
        }
        #expect(found.sorted() == (0..<count).map { "k\($0).v" }.sorted())
    }

    @Test func `a union in a dictionary in an array`() throws {
        struct Union: Decodable {
            let way: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                way = JSONErrorPathTests.way { _ = try container.decode(Bool.self) }
                if let values = try? container.decode([Union].self) {
                    #expect(values.map(\.way) == values.indices.map { way.isEmpty ? "#\($0)" : "\(way).#\($0)" })
                } else if let members = try? container.decode([String: Union].self) {
                    for (key, member) in members { #expect(member.way == "\(way).\(key)") }
                }
            }
        }
        let member = #"{"one":"a","two":["b","c",["d"],{}],"three":{"x":"e"}}"#
        let text = "[\(Array(repeating: member, count: 200).joined(separator: ","))]"
        let root = try JSONCoding.decode(Union.self, from: Array(text.utf8).span, attachments: [])
        #expect(root.way.isEmpty)
    }

    @Test func `as deep as it may be`() throws {
        let depth = JSONCoding.maximumDepth
        let text = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        let ways = try probe(text) { decoder in
            var container = try decoder.unkeyedContainer()
            for _ in 1..<depth { container = try container.nestedUnkeyedContainer() }
            return [Self.way { _ = try container.decode(String.self) }]
        }
        #expect(ways == [Array(repeating: "#0", count: depth).joined(separator: ".")])
    }
}
