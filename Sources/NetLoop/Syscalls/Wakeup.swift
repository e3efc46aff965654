#if canImport(Glibc)
    internal import CLinux
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ends a `Poller.wait` from another thread: an `eventfd` on Linux, a pipe elsewhere.
struct Wakeup: ~Copyable {
    private let receiver: OwnedDescriptor
    #if !os(Linux)
        private let sender: OwnedDescriptor
    #endif

    /// The descriptor to watch for reading.
    var descriptor: CInt { receiver.rawValue }

    init() throws(SystemError) {
        #if os(Linux)
            let descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
            guard descriptor >= 0 else { throw SystemError("eventfd") }
            receiver = OwnedDescriptor(adopting: descriptor)
        #else
            var ends: (CInt, CInt) = (-1, -1)
            // SAFETY: a pair of descriptors is laid out as the two-element array that `pipe` fills.
            let failed = unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe pipe($0.assumingMemoryBound(to: CInt.self).baseAddress)
            }
            guard failed == 0 else { throw SystemError("pipe") }
            receiver = OwnedDescriptor(adopting: ends.0)
            sender = OwnedDescriptor(adopting: ends.1)
            for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        #endif
    }

    func signal() {
        #if os(Linux)
            let target = receiver.rawValue
        #else
            let target = sender.rawValue
        #endif
        var one: UInt64 = 1
        // SAFETY: eight bytes of a local are read. A full counter means that a wake-up is pending already.
        _ = unsafe write(target, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        // SAFETY: at most eight bytes are written into a local of that size.
        _ = unsafe read(receiver.rawValue, &count, 8)
    }
}
