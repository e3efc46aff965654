/// Bytes that the kernel did not take yet, in order.
struct Backlog {
    struct Chunk {
        /// Shared with other connections where one message went to many.
        let bytes: [UInt8]
        /// How many of them are sent.
        var start: Int
    }

    private var chunks: [Chunk] = []
    /// The chunks before it are sent.
    private var first = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ chunk: Chunk) {
        chunks.append(chunk)
        byteCount += chunk.bytes.count - chunk.start
    }

    /// Sends until `socket` takes no more; the error, if there is one.
    mutating func send(to socket: CInt) -> SystemError? {
        while first < chunks.count {
            let chunk = chunks[first]
            let rest = chunk.bytes.span.extracting(chunk.start..<chunk.bytes.count)
            switch StreamSocket.send(rest, to: socket) {
            case .failure(let error): return error
            case .bytes(let sent):
                byteCount -= sent
                guard sent == rest.count else {
                    chunks[first].start += sent
                    return nil
                }
                first += 1
                // Kept short without moving the rest for each chunk.
                if first > 64, first * 2 > chunks.count {
                    chunks.removeFirst(first)
                    first = 0
                }
            }
        }
        chunks = []
        first = 0
        return nil
    }
}
