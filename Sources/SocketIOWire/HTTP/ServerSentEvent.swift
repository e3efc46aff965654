/// Writes events as `text/event-stream` has them (WHATWG HTML 9.2.5).
package enum ServerSentEvent {
    /// What clients ignore, and proxies and dead connections do not.
    package static let comment: [UInt8] = Array(":\n\n".utf8)

    /// Appends one event, which a client dispatches when it has read all of it.
    ///
    /// - Parameters:
    ///   - data: Its lines, however they end, are lines of the event.
    ///   - event: Its type, `isField`.
    ///   - id: What the client says as `Last-Event-ID` when it comes back, `isField`.
    ///   - retry: After how long it comes back, in whole milliseconds.
    package static func append(
        _ data: Span<UInt8>, event: String?, id: String?, retry: Duration?, to writer: ByteWriter
    ) {
        if let event { append("event: ", event, to: writer) }
        if let id { append("id: ", id, to: writer) }
        if let retry { append("retry: ", String(max(0, retry.boundedNanoseconds / 1_000_000)), to: writer) }
        var start = 0
        while let end = appendLine(of: data, from: start, to: writer) { start = end }
        writer.append("\n")
    }

    /// Whether a text can stand in a field of its own: another line would be another field, and NUL voids an id.
    package static func isField(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 != 0 && $0 != 0x0A && $0 != 0x0D }
    }

    private static func append(_ name: StaticString, _ value: String, to writer: ByteWriter) {
        writer.append(name)
        writer.append(utf8: value)
        writer.append("\n")
    }

    /// Appends the line that begins at `start`; where the next one does, if there is one.
    private static func appendLine(of data: Span<UInt8>, from start: Int, to writer: ByteWriter) -> Int? {
        var end = start
        while end < data.count, data[end] != 0x0A, data[end] != 0x0D { end += 1 }
        // The space is taken off again; without it a line that begins with one would lose its own.
        writer.append("data: ")
        writer.append(data.extracting(start..<end))
        writer.append("\n")
        guard end < data.count else { return nil }
        let isPair = data[end] == 0x0D && end + 1 < data.count && data[end + 1] == 0x0A
        return end + (isPair ? 2 : 1)
    }
}
