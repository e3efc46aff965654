import CLinux
import Glibc
import NetLoop

/// The kernel's list of ready descriptors, level-triggered: what the load generator and the floor wait on.
@safe final class Epoll {
    private let descriptor: OwnedDescriptor
    private let events: UnsafeMutablePointer<epoll_event>

    private static let batch = 1024

    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    init() throws(SystemError) {
        let descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        self.descriptor = OwnedDescriptor(adopting: descriptor)
        unsafe events = .allocate(capacity: Self.batch)
        unsafe events.initialize(repeating: epoll_event(), count: Self.batch)
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Watches `socket`; its events carry `token`.
    func add(_ socket: CInt, token: Int, interest: Interest = .read) throws(SystemError) {
        guard control(EPOLL_CTL_ADD, socket, token, interest) else { throw SystemError("epoll_ctl") }
    }

    /// Changes what `socket` is watched for.
    func update(_ socket: CInt, token: Int, interest: Interest) {
        // Fails only for a descriptor that is not watched.
        _ = control(EPOLL_CTL_MOD, socket, token, interest)
    }

    /// Waits at most `milliseconds` (for ever if negative) and returns how many events there are.
    @inline(__always)
    func wait(milliseconds: CInt) -> Int {
        // SAFETY: the buffer has room for `batch` events.
        let count = unsafe epoll_wait(descriptor.rawValue, events, CInt(Self.batch), milliseconds)
        // The only failure possible here is EINTR: a turn without events.
        return max(0, Int(count))
    }

    /// Which socket an event is about, and whether it can be written to; everything else shows when it is read.
    @inline(__always)
    func event(at index: Int) -> (token: Int, isWritable: Bool) {
        precondition(index >= 0 && index < Self.batch)
        // SAFETY: checked above; the union is always written and read as `u64`.
        let event = unsafe events[index]
        return unsafe (Int(event.data.u64), event.events & EPOLLOUT.rawValue != 0)
    }

    private func control(_ operation: CInt, _ socket: CInt, _ token: Int, _ interest: Interest) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = UInt64(token)
        // SAFETY: `event` outlives the call, which copies it.
        return unsafe epoll_ctl(descriptor.rawValue, operation, socket, &event) == 0
    }
}
