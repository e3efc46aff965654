#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What there is at a path, without opening it.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable {
        case file
        case folder
        /// A device, a pipe, a socket.
        case other
    }

    package let kind: Kind
    package let byteCount: Int
    /// Changes when the file does: of its size and its time of change.
    package let version: String

    /// Nil if nothing is there, or it cannot be reached.
    package init?(_ path: String) {
        var status = stat()
        // SAFETY: the path is passed as a null-terminated copy, and the structure is a local of the right type.
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(of descriptor: borrowing OwnedDescriptor) {
        var status = stat()
        // SAFETY: the structure is a local of the right type.
        guard unsafe fstat(descriptor.rawValue, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        byteCount = Int(status.st_size)
        version =
            "\(String(status.st_size, radix: 16))-\(String(time.tv_sec, radix: 16))\(String(time.tv_nsec, radix: 16))"
    }
}
