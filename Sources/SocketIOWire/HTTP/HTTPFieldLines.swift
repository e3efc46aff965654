/// Fields to be sent, kept as they go on the wire.
///
/// A name or a value that would end its line is never taken, wherever it came from: a response cannot be split.
package struct HTTPFieldLines: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var bytes: [UInt8] = []

    package init() {}

    package init(dictionaryLiteral fields: (String, String)...) {
        for (name, value) in fields { append(name, value) }
    }

    /// Adds a field; returns false, and adds nothing, if it may not be sent.
    ///
    /// That is a name that is not a token, a value with control bytes, and the fields that say where the message
    /// ends, which are the writer's.
    @discardableResult
    package mutating func append(_ name: String, _ value: String) -> Bool {
        let (name, value) = (name.utf8.span, value.utf8.span)
        guard !name.isEmpty, name.isToken, value.isFieldValue(in: value.indices), !Self.isReserved(name) else {
            return false
        }
        bytes.append(name)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        bytes.append(value)
        bytes.append(0x0D)
        bytes.append(0x0A)
        return true
    }

    private static func isReserved(_ name: Span<UInt8>) -> Bool {
        for reserved in ["content-length", "transfer-encoding", "connection"] {
            if name.equalsIgnoringCase(reserved.utf8.span) { return true }
        }
        return false
    }

    /// Adds a field as it was received.
    mutating func append(_ entry: HTTPFields.Entry, of fields: HTTPFields) {
        bytes.append(fields.storage.span.extracting(entry.name))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        bytes.append(fields.storage.span.extracting(entry.value))
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    package mutating func append(_ date: HTTPDate) {
        bytes.append(contentsOf: date.line)
    }

    package mutating func append(_ other: HTTPFieldLines) {
        bytes.append(contentsOf: other.bytes)
    }
}
