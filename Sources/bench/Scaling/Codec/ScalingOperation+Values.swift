import SocketIOWire

extension ScalingOperation {
    /// Arguments and values without a type.
    static func values() -> [ScalingOperation] {
        [
            arguments("arguments-in-order") { Array($0) },
            arguments("arguments-in-reverse") { $0.reversed() },
            arguments("arguments-in-any-order") { $0.shuffled },
            plain("arguments-as-values", 128) { count in
                let arguments = EventArguments((0..<count).map { .integer(Int64($0)) })
                return { guard arguments.values.count == count else { throw LoadFailure("lost") } }
            },
            plain("value-by-index", 256) { count in
                let value = JSONValue.array((0..<count).map { .integer(Int64($0)) })
                return { for index in 0..<count where value[index].isNull { throw LoadFailure("lost") } }
            },
            plain("value-by-key", 256) { count in
                let value = object(count)
                return { for key in keys(count) where value[key].isNull { throw LoadFailure("lost") } }
            },
            plain("value-set-by-key", 256) { count in
                {
                    var value = JSONValue.null
                    for key in keys(count) { value[key] = 1 }
                }
            },
            plain("value-changed-by-key", 256) { count in
                let keys = keys(count)
                return {
                    var value = object(count)
                    for key in keys { value[key] = 1 }
                }
            },
            plain("value-changed-by-index", 256) { count in
                {
                    var value = JSONValue.array(Array(repeating: 0, count: count))
                    for index in 0..<count { value[index] = 1 }
                }
            },
            plain("members-removed", 64) { count in
                let keys = keys(count)
                return {
                    var object = JSONObject()
                    for key in keys { object[key] = 1 }
                    for index in keys.indices.shuffled { object[keys[index]] = nil }
                }
            }.within("a move of the members behind"),
            plain("values-compared", 256) { count in
                let (one, other) = (object(count), object(count))
                return { guard one == other else { throw LoadFailure("not equal") } }
            },
        ]
    }

    private static func keys(_ count: Int) -> [String] { (0..<count).map { "key \(1_000 + $0)" } }

    private static func object(_ count: Int) -> JSONValue {
        var object = JSONObject()
        for key in keys(count) { object[key] = 0 }
        return .object(object)
    }

    private static func arguments(
        _ name: String, _ order: @escaping @Sendable (Range<Int>) -> [Int]
    ) -> ScalingOperation {
        plain(name, 64) { count in
            let arguments = EventArguments((0..<count).map { .integer(Int64(1_000 + $0)) })
            let order = order(0..<count)
            return { for index in order { _ = try arguments.decode(Int.self, at: index) } }
        }
    }

    private static func encode<Value: Encodable & SendableMetatype>(
        _ name: String, _ count: Int, _ make: @escaping @Sendable (Int) -> Value
    ) -> ScalingOperation {
        plain(name, count) { count in
            let value = make(count)
            return {
                var attachments: [[UInt8]] = []
                try JSONCoding.encode(value, into: ByteWriter(), attachments: &attachments)
            }
        }
    }

    private static func write(
        _ name: String, _ count: Int, _ write: @escaping @Sendable (Int, any Encoder) throws -> Void
    ) -> ScalingOperation {
        encode(name, count) { count in Shapes.Writing { try write(count, $0) } }
    }

    static func encoding() -> [ScalingOperation] {
        [
            encode("encode-integers", 256) { Array(0..<$0) },
            encode("encode-strings", 256) { keys($0) },
            encode("encode-structs", 256) { count in
                (0..<count).map { Shapes.Point(x: $0, y: 7, name: "point") }
            },
            encode("encode-nested-arrays", 256) { count in (0..<count).map { [1, $0, 3] } },
            encode("encode-dictionary-of-integers", 256) { count in
                Dictionary(uniqueKeysWithValues: keys(count).map { ($0, 7) })
            },
            encode("encode-dictionary-of-structs", 256) { count in
                Dictionary(uniqueKeysWithValues: keys(count).map { ($0, Shapes.Point(x: 1, y: 2, name: "point")) })
            },
            encode("encode-values", 256) { object($0) },
            encode("encode-attachments", 128) { Array(repeating: [UInt8](repeating: 7, count: 8), count: $0) },
            write("encode-by-key", 128) { count, encoder in
                var container = encoder.container(keyedBy: Shapes.AnyKey.self)
                for key in keys(count) { try container.encode(7, forKey: Shapes.AnyKey(key)) }
            },
            write("encode-one-key-often", 128) { count, encoder in
                var container = encoder.container(keyedBy: Shapes.AnyKey.self)
                for _ in 0..<count { try container.encode(7, forKey: Shapes.AnyKey("key")) }
            },
            write("encode-nested-by-key", 128) { count, encoder in
                var container = encoder.container(keyedBy: Shapes.AnyKey.self)
                for key in keys(count) {
                    var nested = container.nestedUnkeyedContainer(forKey: Shapes.AnyKey(key))
                    try nested.encode(7)
                }
            },
            write("encode-in-turn-by-key", 128) { count, encoder in
                var container = encoder.container(keyedBy: Shapes.AnyKey.self)
                var lists = keys(count).map { container.nestedUnkeyedContainer(forKey: Shapes.AnyKey($0)) }
                for index in lists.indices { try lists[index].encode(7) }
            },
            write("encode-nested-unkeyed", 128) { count, encoder in
                var container = encoder.unkeyedContainer()
                for _ in 0..<count {
                    var nested = container.nestedUnkeyedContainer()
                    try nested.encode(7)
                }
            },
            write("encode-super-encoders", 128) { count, encoder in
                var container = encoder.unkeyedContainer()
                for _ in 0..<count { try Shapes.Point(x: 1, y: 2, name: "point").encode(to: container.superEncoder()) }
            },
            write("encode-super-encoders-by-key", 128) { count, encoder in
                var container = encoder.container(keyedBy: Shapes.AnyKey.self)
                for key in keys(count) { try 7.encode(to: container.superEncoder(forKey: Shapes.AnyKey(key))) }
            },
        ]
    }
}
