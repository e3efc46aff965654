import SocketIOWire

extension ScalingOperation {
    private typealias AnyKey = Shapes.AnyKey

    private static func list(_ count: Int, _ element: (Int) -> String) -> [UInt8] {
        Array("[\((0..<count).map(element).joined(separator: ","))]".utf8)
    }

    private static func object(_ count: Int, _ value: (Int) -> String) -> [UInt8] {
        Array("{\((0..<count).map { #""\#(key($0))":\#(value($0))"# }.joined(separator: ","))}".utf8)
    }

    private static func key(_ index: Int) -> String { "key \(1_000 + index)" }

    private static func point(_ index: Int) -> String { #"{"x":\#(index),"y":7,"name":"point"}"# }

    /// Decodes a text as `type`.
    private static func decode<Value: Decodable & SendableMetatype>(
        _ name: String, _ count: Int, _ type: Value.Type,
        _ text: @escaping @Sendable (Int) -> [UInt8]
    ) -> ScalingOperation {
        plain(name, count) { count in
            let text = text(count)
            return { _ = try JSONCoding.decode(type, from: text.span, attachments: []) }
        }
    }

    /// Decodes a text by `read`, which gets the number of elements and the decoder.
    private static func read(
        _ name: String, _ count: Int, _ text: @escaping @Sendable (Int) -> [UInt8],
        _ read: @escaping @Sendable (Int, any Decoder) throws -> Void
    ) -> ScalingOperation {
        plain(name, count) { count in
            let text = text(count)
            return {
                Shapes.Reading.use { try read(count, $0) }
                _ = try JSONCoding.decode(Shapes.Reading.self, from: text.span, attachments: [])
            }
        }
    }

    /// Types as they are, and those that try.
    static func decoding() -> [ScalingOperation] {
        [
            decode("decode-integers", 256, [Int].self) { list($0) { "\(1_000 + $0)" } },
            decode("decode-numbers", 256, [Double].self) { list($0) { "\(1_000 + $0).5" } },
            decode("decode-strings", 256, [String].self) { list($0) { #""text \#(1_000 + $0)""# } },
            decode("decode-escaped-strings", 256, [String].self) { list($0) { #""te\nxt \#(1_000 + $0)""# } },
            decode("decode-optionals", 256, [Int?].self) { list($0) { $0 % 2 == 0 ? "null" : "7" } },
            decode("decode-structs", 256, [Shapes.Point].self) { list($0, point) },
            decode("decode-nested-arrays", 256, [[Int]].self) { list($0) { "[1,\($0),3]" } },
            decode("decode-unions-of-the-first-kind", 256, [Shapes.Union].self) { list($0, point) },
            decode("decode-unions-of-the-second-kind", 256, [Shapes.Union].self) { list($0) { #""text \#($0)""# } },
            decode("decode-unions-in-an-object", 256, [String: Shapes.Union].self) { object($0) { #""text \#($0)""# } },
            decode("decode-lossy-with-a-missing-key", 256, [Shapes.Lossy].self) { list($0) { #"{"x":\#($0),"y":7}"# } },
            decode("decode-lossy-of-another-type", 256, [Shapes.Lossy].self) {
                list($0) { #"{"x":"\#($0)","y":7,"name":"point"}"# }
            },
            decode("decode-lossy-in-an-object", 256, [String: Shapes.Lossy].self) { object($0) { _ in #"{"x":1}"# } },
            decode("decode-dictionary-of-integers", 256, [String: Int].self) { object($0) { "\($0)" } },
            decode("decode-dictionary-of-structs", 256, [String: Shapes.Point].self) { object($0, point) },
            decode("decode-dictionary-of-integer-keys", 256, [Int: Int].self) {
                Array("{\((0..<$0).map { #""\#($0)":7"# }.joined(separator: ","))}".utf8)
            },
            decode("decode-one-key-often", 256, [String: Int].self) { count in
                Array("{\((0..<count).map { #""key":\#($0)"# }.joined(separator: ","))}".utf8)
            },
            decode("decode-values", 256, JSONValue.self) { list($0, point) },
            decode("decode-values-in-an-object", 256, JSONValue.self) { object($0, point) },
        ]
    }

    /// Containers, in every way in which they can be asked.
    static func containers() -> [ScalingOperation] {
        [
            read("keyed-in-order", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count { _ = try container.decode(Int.self, forKey: AnyKey(key(index))) }
            },
            read("keyed-in-reverse", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in (0..<count).reversed() { _ = try container.decode(Int.self, forKey: AnyKey(key(index))) }
            },
            read("keyed-in-any-order", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in (0..<count).shuffled { _ = try container.decode(Int.self, forKey: AnyKey(key(index))) }
            },
            read("all-keys", 128, { object($0) { "\($0)" } }) { _, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for key in container.allKeys { _ = try container.decode(Int.self, forKey: key) }
            },
            read("contains", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in (0..<count).shuffled { _ = container.contains(AnyKey(key(index))) }
            },
            read("absent-keys", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count {
                    _ = try container.decodeIfPresent(Int.self, forKey: AnyKey("no \(key(index))"))
                }
            },
            read("missing-keys-tried", 128, { object($0) { "\($0)" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count { _ = try? container.decode(Int.self, forKey: AnyKey("no \(key(index))")) }
            },
            read("keyed-decode-nil", 128, { object($0) { _ in "null" } }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count { _ = try container.decodeNil(forKey: AnyKey(key(index))) }
            },
            read("nested-keyed-by-key", 128, { object($0, point) }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count {
                    let nested = try container.nestedContainer(keyedBy: AnyKey.self, forKey: AnyKey(key(index)))
                    _ = try nested.decode(Int.self, forKey: AnyKey("x"))
                }
            },
            read("super-decoder-by-key", 128, { object($0, point) }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count {
                    _ = try Shapes.Point(from: container.superDecoder(forKey: AnyKey(key(index))))
                }
            },
            read("coding-paths-by-key", 128, { object($0, point) }) { count, decoder in
                let container = try decoder.container(keyedBy: AnyKey.self)
                for index in 0..<count {
                    _ = try container.superDecoder(forKey: AnyKey(key(index))).codingPath.count
                }
            },
            read("unkeyed-values", 128, { list($0) { "\($0)" } }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd { _ = try container.decode(Int.self) }
            },
            read("unkeyed-tried", 128, { list($0) { "\($0)" } }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd {
                    if (try? container.decode(String.self)) == nil { _ = try container.decode(Int.self) }
                }
            },
            read("unkeyed-decode-nil", 128, { list($0) { $0 % 2 == 0 ? "null" : "7" } }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd { if try !container.decodeNil() { _ = try container.decode(Int.self) } }
            },
            read("unkeyed-count-and-index", 128, { list($0) { "\($0)" } }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while container.currentIndex < container.count ?? 0 { _ = try container.decode(Int.self) }
            },
            read("nested-unkeyed", 128, { list($0) { "[1,\($0),3]" } }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd {
                    var nested = try container.nestedUnkeyedContainer()
                    _ = try nested.decode(Int.self)
                }
            },
            read("nested-keyed", 128, { list($0, point) }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd {
                    _ = try container.nestedContainer(keyedBy: AnyKey.self).decode(Int.self, forKey: AnyKey("x"))
                }
            },
            read("super-decoder", 128, { list($0, point) }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd { _ = try Shapes.Point(from: container.superDecoder()) }
            },
            read("coding-paths", 128, { list($0, point) }) { _, decoder in
                var container = try decoder.unkeyedContainer()
                while !container.isAtEnd { _ = try container.superDecoder().codingPath.count }
            },
        ]
    }
}
