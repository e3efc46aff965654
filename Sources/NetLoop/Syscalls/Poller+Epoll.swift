#if os(Linux)
    internal import CLinux
    internal import Glibc

    /// The kernel's list of ready descriptors: `epoll`, level-triggered.
    @safe struct Poller: ~Copyable {
        private let descriptor: OwnedDescriptor
        private let events: UnsafeMutablePointer<epoll_event>

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
        func add(_ socket: CInt, token: UInt64, interest: Interest) throws(SystemError) {
            guard control(EPOLL_CTL_ADD, socket, token, interest) else { throw SystemError("epoll_ctl") }
        }

        /// Changes what `socket` is watched for.
        func update(_ socket: CInt, token: UInt64, interest: Interest) {
            // Fails only for a descriptor that is not watched, which is then closed anyway.
            _ = control(EPOLL_CTL_MOD, socket, token, interest)
        }

        func remove(_ socket: CInt) {
            _ = control(EPOLL_CTL_DEL, socket, 0, [])
        }

        /// Waits at most `milliseconds` (for ever if negative) and returns how many events `event(at:)` now has.
        func wait(milliseconds: CInt) -> Int {
            // SAFETY: the buffer has room for `batch` events.
            let count = unsafe epoll_wait(descriptor.rawValue, events, CInt(Self.batch), milliseconds)
            // The only failure possible here is EINTR: a turn without events.
            return max(0, Int(count))
        }

        func event(at index: Int) -> (token: UInt64, readiness: Readiness) {
            precondition(index >= 0 && index < Self.batch)
            // SAFETY: checked above; the union is always written and read as `u64`.
            let event = unsafe events[index]
            var readiness: Readiness = []
            if unsafe event.events & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
            if unsafe event.events & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
            if unsafe event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness.insert(.failed) }
            return (unsafe event.data.u64, readiness)
        }

        private func control(_ operation: CInt, _ socket: CInt, _ token: UInt64, _ interest: Interest) -> Bool {
            var event = unsafe epoll_event()
            if interest.contains(.read) { unsafe event.events |= EPOLLIN.rawValue }
            if interest.contains(.write) { unsafe event.events |= EPOLLOUT.rawValue }
            unsafe event.data.u64 = token
            // SAFETY: `event` outlives the call, which copies it.
            return unsafe epoll_ctl(descriptor.rawValue, operation, socket, &event) == 0
        }
    }
#endif
