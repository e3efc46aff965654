/// Where a body ends (RFC 9112 6.3).
package enum HTTPBodyLength: Equatable, Sendable {
    case none
    case fixed(Int)
    case chunked
    /// Of responses only.
    case untilClose

    /// Whether there may be any.
    package var hasBytes: Bool { self != .none && self != .fixed(0) }
}

/// Reads a body in place, through the chunked coding if need be (RFC 9112 7.1); shared by requests and responses.
struct HTTPBodyReader {
    private enum State {
        /// Announced with more bytes than the limit.
        case tooLarge
        case fixed(missing: Int)
        /// In the digits of a chunk's size.
        case size(Int, digits: UInt8)
        /// After the `;` that follows a size.
        case chunkExtension(size: Int)
        case sizeLineFeed(size: Int)
        case data(missing: Int)
        case dataReturn
        case dataLineFeed
        /// In a trailer line of which so many bytes have come.
        case trailer(count: Int)
        case trailerLineFeed(count: Int)
        case untilClose
        case finished
    }

    /// What `next` found.
    enum Part: Equatable {
        case data(Range<Int>)
        case end
    }

    /// 4 GiB is beyond every limit on bodies.
    private static let maxSizeDigits: UInt8 = 8

    private var state: State
    /// Decoded bytes so far, of a body whose length is not known beforehand.
    private var total = 0
    /// Bytes of chunk extensions and trailers so far.
    private var overhead = 0
    /// The most decoded bytes.
    private let limit: Int

    init(_ length: HTTPBodyLength, limit: Int) {
        self.limit = limit
        switch length {
        case .none: state = .finished
        case .fixed(let count): state = count <= limit ? .fixed(missing: count) : .tooLarge
        case .chunked: state = .size(0, digits: 0)
        case .untilClose: state = .untilClose
        }
    }

    /// Whether nothing of the body is still to come.
    var isAtEnd: Bool {
        switch state {
        case .finished, .fixed(missing: 0): true
        case .tooLarge, .fixed, .size, .chunkExtension, .sizeLineFeed, .data, .dataReturn, .dataLineFeed, .trailer,
            .trailerLineFeed, .untilClose:
            false
        }
    }

    /// The next part of the body, or nil when the chunk is used up. After `.end` the cursor is behind the body.
    mutating func next(
        _ bytes: Span<UInt8>, from cursor: inout Int, limits: HTTPLimits
    ) throws(HTTPFailure) -> Part? {
        while true {
            switch state {
            case .finished, .fixed(missing: 0): return .end
            case .tooLarge: throw .bodyTooLarge
            case .fixed(let missing): return take(missing, of: bytes, from: &cursor) { .fixed(missing: $0) }
            case .data(missing: 0): state = .dataReturn
            case .data(let missing): return take(missing, of: bytes, from: &cursor) { .data(missing: $0) }
            case .untilClose:
                guard cursor < bytes.count else { return nil }
                guard bytes.count &- cursor <= limit &- total else { throw .bodyTooLarge }
                total &+= bytes.count &- cursor
                return take(bytes.count &- cursor, of: bytes, from: &cursor) { _ in .untilClose }
            case .size, .chunkExtension, .sizeLineFeed, .dataReturn, .dataLineFeed, .trailer, .trailerLineFeed:
                guard cursor < bytes.count else { return nil }
                let byte = bytes[cursor]
                cursor &+= 1
                try step(byte, limits)
            }
        }
    }

    private mutating func take(
        _ missing: Int, of bytes: Span<UInt8>, from cursor: inout Int, _ rest: (Int) -> State
    ) -> Part? {
        let count = min(missing, bytes.count &- cursor)
        guard count > 0 else { return nil }
        state = rest(missing &- count)
        defer { cursor &+= count }
        return .data(cursor..<(cursor &+ count))
    }

    /// One byte of what stands around the data of the chunked coding.
    private mutating func step(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPFailure) {
        switch state {
        case .size(let size, let digits):
            if let digit = byte.hexValue {
                guard digits < Self.maxSizeDigits else { throw HTTPFailure(400, "a chunk size of too many digits") }
                state = .size(size << 4 | Int(digit), digits: digits &+ 1)
            } else {
                guard digits > 0 else { throw HTTPFailure(400, "not a chunk size") }
                try endSize(size, byte)
            }
        case .chunkExtension(let size):
            if byte == 0x0D {
                state = .sizeLineFeed(size: size)
            } else {
                try countOverhead(byte, limits)
            }
        case .sizeLineFeed(let size):
            guard byte == 0x0A else { throw .returnAlone }
            guard size <= limit &- total else { throw .bodyTooLarge }
            total &+= size
            state = size == 0 ? .trailer(count: 0) : .data(missing: size)
        case .dataReturn:
            guard byte == 0x0D else { throw HTTPFailure(400, "a chunk longer than its size") }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { throw .returnAlone }
            state = .size(0, digits: 0)
        case .trailer(let count):
            if byte == 0x0D {
                state = .trailerLineFeed(count: count)
            } else {
                try countOverhead(byte, limits)
                state = .trailer(count: count &+ 1)
            }
        case .trailerLineFeed(let count):
            guard byte == 0x0A else { throw .returnAlone }
            // Trailers are read and dropped (RFC 9110 6.5.1 allows it); an empty line ends them.
            state = count == 0 ? .finished : .trailer(count: 0)
        case .tooLarge, .fixed, .data, .untilClose, .finished: break
        }
    }

    private mutating func endSize(_ size: Int, _ byte: UInt8) throws(HTTPFailure) {
        switch byte {
        case 0x0D: state = .sizeLineFeed(size: size)
        case UInt8(ascii: ";"): state = .chunkExtension(size: size)
        default: throw HTTPFailure(400, "not a chunk size")
        }
    }

    private mutating func countOverhead(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPFailure) {
        guard byte.isFieldValueByte else { throw HTTPFailure(400, "a control byte around a chunk") }
        overhead &+= 1
        guard overhead <= limits.lineAndHeaderBytes else {
            throw HTTPFailure(400, "chunk extensions or trailers over the limit of bytes")
        }
    }
}

extension HTTPFailure {
    fileprivate static let bodyTooLarge = HTTPFailure(413, "a body over the limit of bytes")
    fileprivate static let returnAlone = HTTPFailure(400, "a carriage return alone")
}
