#if canImport(Glibc)
    internal import CLinux
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the machine has.
package enum Machine {
    /// Cores that are online, at least one.
    package static var coreCount: Int {
        max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN))))
    }

    package static var processID: Int { Int(getpid()) }

    /// What the machine calls itself; empty if it does not say.
    package static var hostName: String {
        let count = 256
        var name = [CChar](repeating: 0, count: count)
        // SAFETY: no more bytes are written than the array has.
        guard unsafe gethostname(&name, count) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How many descriptors the process may have.
    package struct DescriptorLimit: Equatable, Sendable {
        package let before: Int
        package let now: Int
    }

    /// Raises the limit of open descriptors as far as the system allows without asking anybody.
    package static func raiseDescriptorLimit() -> DescriptorLimit {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        // SAFETY: a local is written, then read.
        guard unsafe getrlimit(resource, &limit) == 0 else { return DescriptorLimit(before: 0, now: 0) }
        let before = Int(clamping: limit.rlim_cur)
        var raised = limit
        #if canImport(Darwin)
            // More is refused, whatever the hard limit says.
            raised.rlim_cur = min(limit.rlim_max, rlim_t(OPEN_MAX))
        #else
            raised.rlim_cur = limit.rlim_max
        #endif
        guard raised.rlim_cur > limit.rlim_cur, unsafe setrlimit(resource, &raised) == 0 else {
            return DescriptorLimit(before: before, now: before)
        }
        return DescriptorLimit(before: before, now: Int(clamping: raised.rlim_cur))
    }

    /// Has large blocks of memory go back to the system as soon as they are freed, instead of when the allocator sees fit.
    /// Of use with glibc, which keeps what it has freed once.
    package static func returnFreedBlocks() {
        #if canImport(Glibc)
            // A fixed threshold: the allocator raises its own to 32 MB, one large block after the other.
            _ = mallopt(mapThreshold, largeBlock)
            _ = mallopt(trimThreshold, 16 * largeBlock)
        #endif
    }

    #if canImport(Glibc)
        /// `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD` of <malloc.h>.
        private static let (mapThreshold, trimThreshold): (CInt, CInt) = (-3, -1)
    #endif

    /// Bytes from which on a block is mapped on its own.
    private static let largeBlock: CInt = 64 * 1024

    /// Bytes that the allocator keeps between blocks that are in use, those that it has given back included.
    package static var freedByteCount: Int {
        #if canImport(Glibc)
            // A 32-bit number in this call, which every version of glibc has.
            Int(UInt32(bitPattern: linux_mallinfo().free))
        #else
            0
        #endif
    }

    /// Gives freed memory between blocks that are in use back to the system, which takes a moment.
    package static func trimMemory() {
        #if canImport(Glibc)
            _ = malloc_trim(0)
        #endif
    }

    /// Runs `body` on a thread of its own, unless there can be none now.
    package static func inBackground(_ body: @escaping @Sendable () -> Void) {
        guard let thread = try? LoopThread.start(body) else { return }
        thread.detach()
    }
}
