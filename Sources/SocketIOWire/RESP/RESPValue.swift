/// A value in the protocol of Redis, of version 2 or 3 (RESP specification, "RESP protocol description").
///
/// Forms that mean the same are one: texts are `string` however they are framed, the null of each type is `null`, and
/// what is said about a value ("attributes") is left out.
package enum RESPValue: Equatable, Sendable {
    case null
    /// A simple, a bulk or a verbatim string; the last without the three letters that tell its format.
    case string([UInt8])
    /// What a command failed with, which may stand within an array: an `EXEC` has one for each command.
    case error(RESPError)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    /// The digits of a number that 64 bits do not hold.
    case bigNumber([UInt8])
    /// An array or a set.
    case array([RESPValue])
    /// Keys and values in turn, as version 2 has them in an array.
    case map([RESPValue])
    /// What nobody asked for: messages of channels, mostly. Only version 3 has these, and only at the top level.
    case push([RESPValue])
}

/// The text of a failure: a word in capitals that tells its kind, and more for people.
package struct RESPError: Error, Equatable, Sendable {
    package let text: [UInt8]

    package init(text: [UInt8]) {
        self.text = text
    }

    /// `WRONGPASS`, `MOVED`, `LOADING`; the whole text if it is one word.
    package var code: String {
        String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// Its beginning, for a log: nobody but Redis says how long it is.
    package var description: String { String(decoding: text.prefix(256), as: UTF8.self) }
}

extension RESPValue {
    /// The elements of an array, a set, a map or a push.
    package var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .map(let elements), .push(let elements): elements
        case .null, .string, .error, .integer, .double, .bool, .bigNumber: nil
        }
    }

    package var bytes: [UInt8]? {
        switch self {
        case .string(let bytes): bytes
        case .null, .error, .integer, .double, .bool, .bigNumber, .array, .map, .push: nil
        }
    }

    package var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .null, .string, .error, .double, .bool, .bigNumber, .array, .map, .push: nil
        }
    }

    /// The value behind `key`, where keys and values alternate: a map of version 3, an array of version 2.
    package subscript(key: StaticString) -> RESPValue? {
        guard let elements else { return nil }
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if case .string(let bytes) = elements[index], bytes.span.equals(key) { return elements[index + 1] }
        }
        return nil
    }
}
