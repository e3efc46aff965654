#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A regular file that is open for reading, from any thread.
package final class OpenFile: Sendable {
    let descriptor: OwnedDescriptor
    /// When it was opened.
    package let status: FileStatus

    /// Opens the file at `path`, which must be a regular one.
    package init(_ path: String) throws(SystemError) {
        // SAFETY: the path is passed as a null-terminated copy.
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw SystemError("open") }
        let descriptor = OwnedDescriptor(adopting: opened)
        guard let status = FileStatus(of: descriptor), status.kind == .file else {
            throw SystemError(code: ENOENT, "open")
        }
        self.status = status
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
