/// The place of an entry in a stream: the milliseconds in which it was added, and a number among those of them.
package struct RedisStreamID: Comparable, Hashable, Sendable, CustomStringConvertible {
    package let milliseconds: UInt64
    package let sequence: UInt64

    package init(milliseconds: UInt64, sequence: UInt64) {
        (self.milliseconds, self.sequence) = (milliseconds, sequence)
    }

    /// In front of all entries.
    package static let zero = RedisStreamID(milliseconds: 0, sequence: 0)

    /// `1795877959455-0`; nil if it is something else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.first.map(Self.isDigit) ?? false }),
            let milliseconds = UInt64(parts[0]), let sequence = UInt64(parts[1])
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// The first one behind this.
    package var next: RedisStreamID {
        let (sequence, isOver) = sequence.addingReportingOverflow(1)
        return RedisStreamID(milliseconds: isOver ? milliseconds &+ 1 : milliseconds, sequence: sequence)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    package static func < (left: RedisStreamID, right: RedisStreamID) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }

    package var description: String { "\(milliseconds)-\(sequence)" }
}

/// An entry of a stream.
package struct RedisStreamEntry: Equatable, Sendable {
    package let id: RedisStreamID
    /// Its fields and their values in turn.
    package let fields: [[UInt8]]

    package init(id: RedisStreamID, fields: [[UInt8]]) {
        (self.id, self.fields) = (id, fields)
    }

    /// Nil if it is none.
    init?(_ value: RESPValue) {
        guard let parts = value.elements, parts.count == 2, let id = parts[0].text.flatMap(RedisStreamID.init(_:))
        else { return nil }
        // An entry that was deleted meanwhile has none.
        self.init(id: id, fields: (parts[1].elements ?? []).map { $0.bytes ?? [] })
    }

    /// The value of the first field of that name.
    package subscript(name: StaticString) -> [UInt8]? {
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let field = fields[index]
            if field.span.equals(name) { return fields[index + 1] }
        }
        return nil
    }

    /// What `XRANGE` and `XREVRANGE` answer; nil if it is no such thing.
    package static func list(ofRange reply: RESPValue) -> [RedisStreamEntry]? {
        guard let elements = reply.elements else { return nil }
        let entries = elements.compactMap(RedisStreamEntry.init(_:))
        return entries.count == elements.count ? entries : nil
    }

    /// What `XREAD` answers for one stream: nothing at the end of its time; nil if it is no such thing.
    package static func list(ofRead reply: RESPValue) -> [RedisStreamEntry]? {
        switch reply {
        case .null: return []
        // The stream's name, and its entries.
        case .map(let elements):
            return elements.count == 2 ? list(ofRange: elements[1]) : nil
        case .array(let streams):
            guard let stream = streams.first?.elements, streams.count == 1, stream.count == 2 else { return nil }
            return list(ofRange: stream[1])
        case .string, .error, .integer, .double, .bool, .bigNumber, .push: return nil
        }
    }
}
