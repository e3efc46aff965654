#if canImport(Darwin)
    internal import Darwin

    // Not run by CI, which has Linux only: compiled and tried by whoever builds on a Mac.

    /// The kernel's list of ready descriptors: `kqueue`, level-triggered.
    @safe struct Poller: ~Copyable {
        private let descriptor: OwnedDescriptor
        private let events: UnsafeMutablePointer<kevent64_s>

        init() throws(SystemError) {
            let descriptor = kqueue()
            guard descriptor >= 0 else { throw SystemError("kqueue") }
            self.descriptor = OwnedDescriptor(adopting: descriptor)
            unsafe events = .allocate(capacity: Self.batch)
            unsafe events.initialize(repeating: kevent64_s(), count: Self.batch)
        }

        deinit {
            unsafe events.deallocate()
        }

        func add(_ socket: CInt, token: UInt64, interest: Interest) throws(SystemError) {
            guard set(socket, token, interest) else { throw SystemError("kevent64") }
        }

        func update(_ socket: CInt, token: UInt64, interest: Interest) {
            _ = set(socket, token, interest)
        }

        func remove(_ socket: CInt) {
            _ = set(socket, 0, [])
        }

        func wait(milliseconds: CInt) -> Int {
            var limit = timespec(tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
            // SAFETY: the buffer has room for `batch` events.
            let count = unsafe kevent64(
                descriptor.rawValue, nil, 0, events, CInt(Self.batch), 0, milliseconds < 0 ? nil : &limit)
            return max(0, Int(count))
        }

        func event(at index: Int) -> (token: UInt64, readiness: Readiness) {
            precondition(index >= 0 && index < Self.batch)
            // SAFETY: checked above.
            let event = unsafe events[index]
            var readiness: Readiness = event.filter == Int16(EVFILT_WRITE) ? .writable : .readable
            if event.flags & UInt16(EV_ERROR) != 0 { readiness.insert(.failed) }
            return (event.udata, readiness)
        }

        private func set(_ socket: CInt, _ token: UInt64, _ interest: Interest) -> Bool {
            func change(_ filter: CInt, _ wanted: Bool) -> kevent64_s {
                kevent64_s(
                    ident: UInt64(socket), filter: Int16(filter), flags: UInt16(wanted ? EV_ADD : EV_DELETE), fflags: 0,
                    data: 0, udata: token, ext: (0, 0))
            }
            var changes = [
                change(EVFILT_READ, interest.contains(.read)), change(EVFILT_WRITE, interest.contains(.write)),
            ]
            // Deleting a filter that is not there fails with ENOENT, one change at a time: not an error here.
            return changes.indices.allSatisfy { index in
                // SAFETY: one element is read.
                unsafe kevent64(descriptor.rawValue, &changes[index], 1, nil, 0, 0, nil) == 0 || errno == ENOENT
            }
        }
    }
#endif
