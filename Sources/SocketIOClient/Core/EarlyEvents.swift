internal import SocketIOWire

/// Events that came before the answer to CONNECT: what a recovered session missed (Protocol.md 5.1).
struct EarlyEvents {
    struct Entry {
        let event: EventPayload
        let text: [UInt8]
        let attachments: [[UInt8]]
        let id: UInt64?

        fileprivate var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }
    }

    private let maxCount: Int
    private let maxBytes: Int
    private var entries: [Entry] = []
    private var byteCount = 0

    init(maxCount: Int, maxBytes: Int) {
        self.maxCount = maxCount
        self.maxBytes = maxBytes
    }

    mutating func append(_ entry: Entry) throws(ProtocolViolation) {
        let byteCount = byteCount + entry.byteCount
        guard entries.count < maxCount, byteCount <= maxBytes else {
            throw ProtocolViolation(.tooBig, "too many events before the answer to CONNECT")
        }
        self.byteCount = byteCount
        entries.append(entry)
    }

    mutating func takeAll() -> [Entry] {
        let all = entries
        entries = []
        byteCount = 0
        return all
    }
}
