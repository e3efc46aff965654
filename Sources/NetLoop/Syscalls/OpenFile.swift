#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A regular file that is open for reading, from any thread.
package final class OpenFile: Sendable {
    private let descriptor: OwnedDescriptor
    /// When it was opened.
    package let byteCount: Int
    /// Changes when the file does: of its size and its time of change.
    package let version: String

    /// Opens the file at `path`; nil if there is none, or it is no regular file.
    package init?(_ path: String) {
        // SAFETY: the path is passed as a null-terminated copy.
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { return nil }
        let descriptor = OwnedDescriptor(adopting: opened)
        var status = stat()
        // SAFETY: the structure is a local of the right type.
        guard unsafe fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        byteCount = Int(status.st_size)
        version =
            "\(String(status.st_size, radix: 16))-\(String(time.tv_sec, radix: 16))\(String(time.tv_nsec, radix: 16))"
        self.descriptor = descriptor
    }

    /// The bytes of `range`, or fewer where the file has become shorter or cannot be read.
    package func read(_ range: Range<Int>) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                // SAFETY: the rest of the array, from `filled` on, is what may be written.
                unsafe pread(
                    descriptor.rawValue, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled,
                    off_t(range.lowerBound + filled))
            }
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
