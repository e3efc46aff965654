/// Collects the lines of a head that may arrive in any pieces; shared by requests and responses.
struct HTTPHeadReader {
    private var storage: [UInt8] = []
    private var entries: [HTTPFields.Entry] = []
    private var lineStart = 0

    /// The bytes collected so far, for the caller to read a line in.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { storage.span }
    }

    /// Whether no byte of a head has arrived.
    var isEmpty: Bool { storage.isEmpty }

    /// The next whole line without its end, or nil when the chunk is used up.
    ///
    /// - Parameter status: For a head that becomes longer than `limit`.
    mutating func line(
        _ chunk: Span<UInt8>, from cursor: inout Int, limit: Int, tooLong status: Int
    ) throws(HTTPFailure) -> Range<Int>? {
        guard cursor < chunk.count else { return nil }
        let lineFeed = chunk.firstIndex(of: 0x0A, from: cursor)
        let end = lineFeed.map { $0 &+ 1 } ?? chunk.count
        guard end &- cursor <= limit &- storage.count else {
            throw HTTPFailure(status, "a head over the limit of bytes")
        }
        // Mostly a chunk is one head.
        if storage.isEmpty { storage.reserveCapacity(min(chunk.count &- cursor, limit)) }
        storage.append(chunk.extracting(cursor..<end))
        cursor = end
        guard lineFeed != nil else { return nil }
        let lineEnd = storage.count &- 2
        guard lineEnd >= lineStart, storage[lineEnd] == 0x0D else { throw HTTPFailure(400, "a line feed alone") }
        defer { lineStart = storage.count }
        return lineStart..<lineEnd
    }

    /// Reads a line as a field.
    mutating func appendField(_ line: Range<Int>, limit: Int) throws(HTTPFailure) {
        guard entries.count < limit else { throw HTTPFailure(431, "too many fields") }
        let entry = try HTTPFields.Entry(storage.span, line)
        // What browsers send fits: one allocation.
        if entries.isEmpty { entries.reserveCapacity(16) }
        entries.append(entry)
    }

    /// Forgets an empty line in front of the head.
    mutating func discardLine() {
        self = HTTPHeadReader()
    }

    /// Hands over what was read and begins anew, holding no memory.
    mutating func finish() -> HTTPFields {
        defer { self = HTTPHeadReader() }
        return HTTPFields(storage: storage, entries: entries)
    }
}

extension HTTPFields.Entry {
    /// Reads `name: value` (RFC 9112 5), which does not reach beyond 64 KiB.
    fileprivate init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPFailure) {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isTokenByte { colon &+= 1 }
        // A space before the colon and a folded line are refused here too: both have been used to smuggle.
        guard colon < line.upperBound, colon > line.lowerBound, bytes[colon] == UInt8(ascii: ":") else {
            throw HTTPFailure(400, "not a field name followed by a colon")
        }
        let value = bytes.trimmed((colon &+ 1)..<line.upperBound)
        guard bytes.isFieldValue(in: value) else { throw HTTPFailure(400, "a control byte in a field value") }
        self.init(
            nameStart: UInt16(line.lowerBound), nameEnd: UInt16(colon),
            valueStart: UInt16(value.lowerBound), valueEnd: UInt16(value.upperBound))
    }
}
