// The members of messages between nodes, as JavaScript means them: what is undefined or null is not there.

extension JSONObject {
    func present(_ key: String) -> JSONValue? {
        self[key].flatMap { $0.isNull ? nil : $0 }
    }

    func text(_ key: String) throws(ProtocolViolation) -> String? {
        guard let value = present(key) else { return nil }
        guard let text = value.stringValue else {
            throw ProtocolViolation(.malformed, "a message of another node with a field that is no text")
        }
        return text
    }

    func count(_ key: String) throws(ProtocolViolation) -> Int {
        guard let count = present(key)?.intValue, (0...Int(Int32.max)).contains(count) else {
            throw ProtocolViolation(.malformed, "a message of another node without a count")
        }
        return count
    }

    func object(_ key: String) throws(ProtocolViolation) -> JSONObject? {
        guard let value = present(key) else { return nil }
        guard let object = value.objectValue else {
            throw ProtocolViolation(.malformed, "a message of another node with a field that is no object")
        }
        return object
    }

    func array(_ key: String) throws(ProtocolViolation) -> [JSONValue]? {
        guard let value = present(key) else { return nil }
        guard let values = value.arrayValue else {
            throw ProtocolViolation(.malformed, "a message of another node with a field that is no array")
        }
        return values
    }

    /// The rooms under `key`; nil if there is no list. A number, which is a room of its own in Node, is its text here.
    func rooms(_ key: String, limits: ClusterLimits) throws(ProtocolViolation) -> [String]? {
        guard let values = try array(key) else { return nil }
        guard values.count <= limits.rooms else {
            throw ProtocolViolation(.tooBig, "a message of another node with too many rooms")
        }
        var rooms: [String] = []
        rooms.reserveCapacity(values.count)
        for value in values {
            switch value {
            case .string(let room): rooms.append(room)
            case .integer, .number: rooms.append(value.description)
            case .null, .bool, .array, .object, .binary:
                throw ProtocolViolation(.malformed, "a message of another node with a room that is no text")
            }
        }
        return rooms
    }
}

extension Optional {
    /// - Throws: If there is nothing.
    func required() throws(ProtocolViolation) -> Wrapped {
        guard let self else { throw ProtocolViolation(.malformed, "a message of another node that lacks a field") }
        return self
    }
}

extension JSONValue {
    init(rooms: [String]) {
        self = .array(rooms.map { .string($0) })
    }
}
