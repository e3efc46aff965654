/// What decoders ask a document for; errors name the way to the value.
extension JSONDocument {
    /// Stands for a value that is not there, which reads as null.
    static let absent = -1

    func isNull(at node: Int) -> Bool {
        node == Self.absent || kind(at: node) == .null
    }

    func requireBool(at node: Int) throws -> Bool {
        guard node != Self.absent else { throw mismatch(Bool.self, at: node) }
        switch kind(at: node) {
        case .true: return true
        case .false: return false
        case .null, .number, .string, .array, .object: throw mismatch(Bool.self, at: node)
        }
    }

    func requireString(at node: Int) throws -> String {
        guard node != Self.absent, kind(at: node) == .string else { throw mismatch(String.self, at: node) }
        return string(at: node)
    }

    func requireInteger<Integer: FixedWidthInteger>(_ type: Integer.Type, at node: Int) throws -> Integer {
        guard node != Self.absent, kind(at: node) == .number else { throw mismatch(type, at: node) }
        guard let value = integer(type, at: node) else { throw corrupted("This number is not a \(type).", at: node) }
        return value
    }

    func requireDouble(at node: Int) throws -> Double {
        guard node != Self.absent, let value = double(at: node) else { throw mismatch(Double.self, at: node) }
        // An infinite Double traps where a handler makes an Int of it.
        guard value.isFinite else { throw corrupted("This number is too large for a Double.", at: node) }
        return value
    }

    func requireFloat(at node: Int) throws -> Float {
        guard node != Self.absent, let value = double(at: node) else { throw mismatch(Float.self, at: node) }
        guard Float(value).isFinite else { throw corrupted("This number is too large for a Float.", at: node) }
        return Float(value)
    }

    /// The attachment that a placeholder stands for; nil if the value is no placeholder.
    func attachment(at node: Int) throws -> [UInt8]? {
        guard node != Self.absent, let number = placeholder(at: node) else { return nil }
        guard let index = integer(Int.self, at: number), attachments.indices.contains(index) else {
            throw corrupted("This placeholder names no attachment.", at: node)
        }
        return attachments[index]
    }

    /// The value with all that it holds. Recursive: `maximumDepth` of the document bounds it.
    func value(at node: Int) throws -> JSONValue {
        guard node != Self.absent else { return .null }
        switch kind(at: node) {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .string: return .string(string(at: node))
        case .number:
            if let integer = integer(Int64.self, at: node) { return .integer(integer) }
            return .number(double(at: node) ?? .nan)
        case .array:
            var values: [JSONValue] = []
            values.reserveCapacity(count(at: node))
            var child = node &+ 1
            let end = Int(nodes[node].next)
            while child < end {
                values.append(try value(at: child))
                child = Int(nodes[child].next)
            }
            return .array(values)
        case .object:
            // In a packet without attachments a placeholder is an object like any other (Protocol.md 4.3).
            if !attachments.isEmpty, let bytes = try attachment(at: node) { return .binary(bytes) }
            var object = JSONObject()
            let areDistinct = hasDistinctKeys(node)
            var key = node &+ 1
            let end = Int(nodes[node].next)
            while key < end {
                let (name, value) = (string(at: key), try value(at: key &+ 1))
                if areDistinct { object.append(value, forNew: name) } else { object[name] = value }
                key = Int(nodes[key &+ 1].next)
            }
            return .object(object)
        }
    }

    // MARK: Errors

    /// The keys and indices that lead to a value. Found only when asked for, so that decoding need not keep them.
    func path(to node: Int) -> [any CodingKey] {
        guard node > Self.root else { return [] }
        var paths = paths.take() ?? JSONPaths(nodes)
        defer { self.paths = paths }
        return paths.path(to: node) { value, container in
            kind(at: container) == .object ? string(at: value &- 1) : nil
        }
    }

    func mismatch(_ type: any Any.Type, at node: Int) -> DecodingError {
        if isNull(at: node) {
            return .valueNotFound(type, context("Expected \(type), found null.", at: node))
        }
        return .typeMismatch(type, context("Expected \(type), found \(kind(at: node).noun).", at: node))
    }

    func corrupted(_ description: String, at node: Int, underlying: (any Error)? = nil) -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(
                codingPath: path(to: node), debugDescription: description, underlyingError: underlying))
    }

    func context(_ description: String, at node: Int) -> DecodingError.Context {
        DecodingError.Context(codingPath: path(to: node), debugDescription: description)
    }
}

extension JSONKind {
    fileprivate var noun: String {
        switch self {
        case .null: "null"
        case .true, .false: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
