/// The two forms that messages between nodes have: JSON, and MessagePack as notepack writes it.
package enum ClusterCoding {
    /// The value of a message in either form: only JSON begins with a brace.
    ///
    /// - Throws: If it is neither, or over a limit.
    package static func value(
        of bytes: Span<UInt8>, limits: ClusterLimits
    ) throws(ProtocolViolation) -> JSONValue {
        guard bytes.count <= limits.bytes else { throw ProtocolViolation(.tooBig, "a large message of another node") }
        guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "{") else { return try messagePack(bytes, limits) }
        return try json(bytes, limits)
    }

    private static func messagePack(
        _ bytes: Span<UInt8>, _ limits: ClusterLimits
    ) throws(ProtocolViolation) -> JSONValue {
        let limits = MessagePackReader.Limits(depth: limits.depth, values: limits.values)
        return try MessagePackReader.value(of: bytes, limits: limits, repairsText: true) ?? .null
    }

    private static func json(_ bytes: Span<UInt8>, _ limits: ClusterLimits) throws(ProtocolViolation) -> JSONValue {
        guard mostValues(bytes) <= limits.values else {
            throw ProtocolViolation(.tooBig, "a message of another node with too many values")
        }
        guard String(validating: bytes) != nil else {
            throw ProtocolViolation(.notUTF8, "a message of another node that is not UTF-8")
        }
        do {
            try JSONScanner.validate(bytes, maximumDepth: limits.depth)
            let value = try JSONCoding.decode(JSONValue.self, from: bytes, attachments: [])
            return value.withBytesForBuffers
        } catch {
            throw ProtocolViolation(.malformed, "a message of another node that is no JSON")
        }
    }

    /// As many values as the text can have, keys included: each but the first follows one of these, outside strings.
    private static func mostValues(_ bytes: Span<UInt8>) -> Int {
        var count = 1
        var isString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): isString.toggle()
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"): if !isString { count += 1 }
            default: break
            }
            index += 1
        }
        return count
    }

    package static func json(_ value: JSONValue) -> [UInt8] {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        writer.append(json: value.hasBytes ? value.withBuffersForBytes : value, attachments: &attachments)
        return writer.array()
    }

    package static func messagePack(_ value: JSONValue) -> [UInt8] {
        let writer = ByteWriter()
        writer.append(messagePack: value)
        return writer.array()
    }
}

/// What `JSON.stringify` makes of Node's bytes: `{"type":"Buffer","data":[1,2]}`.
extension JSONValue {
    /// Whether there are bytes anywhere in the value.
    var hasBytes: Bool {
        switch self {
        case .null, .bool, .integer, .number, .string: false
        case .binary: true
        case .array(let values): values.contains { $0.hasBytes }
        case .object(let object): object.contains { $0.value.hasBytes }
        }
    }

    var withBuffersForBytes: JSONValue {
        switch self {
        case .null, .bool, .integer, .number, .string: return self
        case .binary(let bytes):
            return .object(["type": "Buffer", "data": .array(bytes.map { .integer(Int64($0)) })])
        case .array(let values): return .array(values.map(\.withBuffersForBytes))
        case .object(let object):
            var result = JSONObject()
            for member in object { result[member.key] = member.value.withBuffersForBytes }
            return .object(result)
        }
    }

    /// Node leaves such an object as it is; here whoever expects bytes finds them.
    var withBytesForBuffers: JSONValue {
        switch self {
        case .null, .bool, .integer, .number, .string, .binary: return self
        case .array(let values): return .array(values.map(\.withBytesForBuffers))
        case .object(let object):
            if let bytes = Self.bytes(ofBuffer: object) { return .binary(bytes) }
            var result = JSONObject()
            for member in object { result[member.key] = member.value.withBytesForBuffers }
            return .object(result)
        }
    }

    private static func bytes(ofBuffer object: JSONObject) -> [UInt8]? {
        guard object.count == 2, object["type"]?.stringValue == "Buffer", let data = object["data"]?.arrayValue else {
            return nil
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count)
        for value in data {
            guard let byte = value.intValue.flatMap(UInt8.init(exactly:)) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
