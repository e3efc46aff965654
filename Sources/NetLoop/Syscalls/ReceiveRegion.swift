#if canImport(Glibc)
    internal import CLinux
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The memory into which a loop receives, one for all its connections.
@safe final class ReceiveRegion {
    private let base: UnsafeMutablePointer<UInt8>
    let capacity: Int
    /// What all connections have received since the loop was made.
    var receivedByteCount: Int { received }
    private var received = 0
    /// Set while a handler holds the bytes: receiving again then would change them under it.
    private var isLent = false

    init(capacity: Int) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
        unsafe base.initialize(repeating: 0, count: capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    enum Received {
        case bytes(Int)
        case end
        case nothing
        case failure(SystemError)
    }

    /// Receives what `socket` has, as far as the region goes without its last `reserve` bytes.
    func receive(from socket: CInt, leaving reserve: Int = 0) -> Received {
        precondition(!isLent && reserve >= 0 && reserve < capacity)
        while true {
            // SAFETY: at most `capacity` bytes are written to a region of that size.
            let count = unsafe receive(socket, base, capacity - reserve)
            if count > 0 {
                received &+= count
                return .bytes(count)
            }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .failure(SystemError("recv"))
            }
        }
    }

    @inline(__always)
    private func receive(_ socket: CInt, _ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe linux_recvfrom(Int(SYS_recvfrom), socket, base, count, 0, nil, nil)
        #else
            unsafe recv(socket, base, count, 0)
        #endif
    }

    /// Lends the first `count` bytes to `body`, which may change them.
    func withBytes(_ count: Int, _ body: (inout MutableSpan<UInt8>) -> Void) {
        precondition(count >= 0 && count <= capacity && !isLent)
        isLent = true
        defer { isLent = false }
        // SAFETY: the region outlives this call, and `isLent` keeps every other access out.
        var span = unsafe MutableSpan<UInt8>(_unsafeStart: base, count: count)
        body(&span)
    }
}
