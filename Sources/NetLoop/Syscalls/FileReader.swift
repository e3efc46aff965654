#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reads whole files of a folder, for pages and scripts.
package enum FileReader {
    package struct File: Sendable {
        package let bytes: [UInt8]
        /// Changes when the file does: of its size and its time of change.
        package let version: String
    }

    /// The file at `path`, or nil if there is none, it is no regular file, or it is larger than `maxBytes`.
    package static func read(_ path: String, maxBytes: Int) -> File? {
        // SAFETY: the path is passed as a null-terminated copy.
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { return nil }
        let descriptor = OwnedDescriptor(adopting: opened)
        guard let status = status(of: descriptor), status.size <= maxBytes else { return nil }
        var bytes = [UInt8](repeating: 0, count: status.size)
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                // SAFETY: the rest of the array, from `filled` on, is what may be written.
                unsafe Self.read(
                    descriptor.rawValue, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled)
            }
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return File(bytes: bytes, version: status.version)
    }

    /// The absolute form of `path` with every link followed, or nil if nothing is there.
    package static func resolve(_ path: String) -> String? {
        // SAFETY: `realpath` returns a null-terminated string that is ours to free.
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private static func status(of descriptor: borrowing OwnedDescriptor) -> (size: Int, version: String)? {
        var status = stat()
        // SAFETY: the structure is a local of the right type.
        guard unsafe fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        let version =
            "\(String(status.st_size, radix: 16))-\(String(time.tv_sec, radix: 16))\(String(time.tv_nsec, radix: 16))"
        return (Int(status.st_size), version)
    }

    private static func read(_ descriptor: CInt, _ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.read(descriptor, target, count)
        #else
            unsafe Darwin.read(descriptor, target, count)
        #endif
    }
}
