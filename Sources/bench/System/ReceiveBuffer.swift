import Glibc

/// The memory into which the load generator receives, one for all its connections.
@safe final class ReceiveBuffer {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int

    enum Received {
        case bytes(Int)
        /// Nothing is there.
        case nothing
        /// The peer ended the connection, or it broke.
        case end
    }

    init(capacity: Int = 1 << 18) {
        self.capacity = capacity
        unsafe base = .allocate(byteCount: capacity, alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Receives what `socket` has, as much as there is room for.
    @inline(__always)
    func receive(from socket: CInt) -> Received {
        while true {
            // SAFETY: at most `capacity` bytes are written to a region of that size.
            let count = unsafe recv(socket, base, capacity, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .end
            }
        }
    }

    /// Whether what was received at `offset` is `expected`.
    @inline(__always)
    func equals(_ expected: Span<UInt8>, at offset: Int) -> Bool {
        precondition(offset >= 0 && offset &+ expected.count <= capacity)
        // SAFETY: checked above.
        return unsafe expected.withUnsafeBytes { expected in
            unsafe expected.isEmpty
                || memcmp(base + offset, expected.baseAddress.unsafelyUnwrapped, expected.count) == 0
        }
    }

    /// A copy of received bytes.
    func array(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
        // SAFETY: checked above.
        return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
