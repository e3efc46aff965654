/// Reading: what is not there, or is not what was asked for, is nil or `.null`, and never a trap.
extension JSONValue {
    /// The value for `key`; `.null` if this is no object or has no such key. Setting makes this an object if it is
    /// `.null`, and does nothing to other values.
    public subscript(key: String) -> JSONValue {
        get {
            objectValue?[key] ?? .null
        }
        _modify {
            switch self {
            case .null:
                var value = JSONValue.null
                yield &value
                self = .object([key: value])
            case .object(var object):
                // Gives up this value's hold on the members, so that a change within them does not copy them all.
                self = .null
                defer { self = .object(object) }
                yield &object[orNull: key]
            case .bool, .integer, .number, .string, .array, .binary:
                var ignored = JSONValue.null
                yield &ignored
            }
        }
    }

    /// The value at `index`; `.null` if this is no array or has none there. Setting does nothing then.
    public subscript(index: Int) -> JSONValue {
        get {
            guard case .array(let values) = self, values.indices.contains(index) else { return .null }
            return values[index]
        }
        _modify {
            if case .array(var values) = self, values.indices.contains(index) {
                self = .null
                defer { self = .array(values) }
                yield &values[index]
            } else {
                var ignored = JSONValue.null
                yield &ignored
            }
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The `Bool`, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is one that an `Int` holds exactly.
    public var intValue: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .number(let value): Int64(whole: value).flatMap { Int(exactly: $0) }
        case .null, .bool, .string, .array, .object, .binary: nil
        }
    }

    /// The number, if this is one; rounded if it has more digits than a `Double`.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .null, .bool, .string, .array, .object, .binary: nil
        }
    }

    /// The text, if this is a string.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The values, if this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The members, if this is an object.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The bytes, if this is binary.
    public var binaryValue: [UInt8]? {
        if case .binary(let bytes) = self { bytes } else { nil }
    }
}

extension JSONValue: ExpressibleByNilLiteral {
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
}

extension JSONValue: ExpressibleByStringInterpolation {
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// An object with these members; of several for one key the last counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
