internal import SocketIOWire

/// What a client sent and the application has not read yet: messages, and behind them bytes that are not taken apart.
struct WebSocketInbox {
    /// What a message takes besides its payload.
    private static let overhead = 64

    private var messages = DepartureQueue<WebSocketMessage>()
    private var rest: [UInt8] = []
    /// Where in the rest the next frame begins.
    private var cursor = 0
    /// Of the messages, with their overhead.
    private(set) var byteCount = 0
    /// What the loop was told.
    private var counted = 0

    var isEmpty: Bool { messages.isEmpty }
    /// Whether there are bytes that are not taken apart.
    var hasRest: Bool { !rest.isEmpty }

    mutating func append(_ message: WebSocketMessage) {
        messages.append(message, id: nil)
        byteCount += Self.byteCount(message)
    }

    mutating func removeFirst() -> WebSocketMessage? {
        guard let message = messages.removeFirst() else { return nil }
        byteCount -= Self.byteCount(message)
        return message
    }

    mutating func appendRest(_ bytes: Span<UInt8>) {
        rest.append(bytes)
    }

    /// Takes the rest out for as long as it is read.
    mutating func takeRest() -> (bytes: [UInt8], cursor: Int) {
        defer { dropRest() }
        return (rest, cursor)
    }

    /// It is read up to `cursor`.
    mutating func putBack(_ bytes: [UInt8], from cursor: Int) {
        guard cursor < bytes.count else { return }
        (rest, self.cursor) = (bytes, cursor)
    }

    mutating func dropRest() {
        (rest, cursor) = ([], 0)
    }

    mutating func count(in inboxes: WebSocketInboxes, isOpen: Bool) {
        let count = isOpen ? byteCount + rest.count : 0
        inboxes.byteCount += count - counted
        counted = count
    }

    private static func byteCount(_ message: WebSocketMessage) -> Int {
        message.byteCount + overhead
    }
}

/// What waits on one loop for its applications to read it.
final class WebSocketInboxes {
    var byteCount = 0
    /// Set when the server begins to listen.
    var limit = Int.max

    var isFull: Bool { byteCount >= limit }
}
