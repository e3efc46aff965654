#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file descriptor with one owner, closed when the owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
    package let rawValue: CInt

    package init(adopting rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The descriptor, which whoever calls closes.
    consuming func disown() -> CInt {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    deinit {
        _ = close(rawValue)
    }
}
