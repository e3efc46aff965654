#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A system call failed.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The value of `errno`.
    package let code: CInt
    package let operation: StaticString

    /// Of the call that just failed on this thread.
    package init(_ operation: StaticString) {
        code = errno
        self.operation = operation
    }

    package init(code: CInt, _ operation: StaticString) {
        self.code = code
        self.operation = operation
    }

    package var isAddressInUse: Bool { code == EADDRINUSE }
    package var isAddressUnavailable: Bool { code == EADDRNOTAVAIL }
    package var isConnectionRefused: Bool { code == ECONNREFUSED }
    package var isUnreachable: Bool {
        [ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EAFNOSUPPORT].contains(code)
    }
    /// The machine does not speak this version of the Internet Protocol.
    var isFamilyMissing: Bool { [EAFNOSUPPORT, EPROTONOSUPPORT, EADDRNOTAVAIL].contains(code) }
    package var isTimeout: Bool { code == ETIMEDOUT }
    package var isPermissionDenied: Bool { code == EACCES }
    /// There is nothing at a path.
    package var isMissingFile: Bool { code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP }
    /// The process or the machine has no descriptors left.
    package var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM }

    package var description: String {
        // SAFETY: `strerror` returns a null-terminated string, copied before anything else can call it here.
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(operation): \(text)"
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.code == right.code
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}
