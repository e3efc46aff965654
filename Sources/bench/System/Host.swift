import Glibc
import NetLoop

/// What this process asks of the system besides sockets.
enum Host {
    /// The text of a file that has no size, as those of `/proc` have; nil if it cannot be read.
    static func text(of path: String) -> String? {
        // SAFETY: the path is passed as a null-terminated copy.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            // SAFETY: no more is written than the array holds.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Replaces the content of a file.
    static func write(_ text: String, to path: String) throws(SystemError) {
        // SAFETY: the path is passed as a null-terminated copy.
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemError("open") }
        let file = OwnedDescriptor(adopting: opened)
        let bytes = Array(text.utf8)
        // SAFETY: the array's bytes are read within the call.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw SystemError("write") }
    }

    /// The path of a new, empty file.
    static func temporaryFile() throws(SystemError) -> String {
        // Where TMPDIR names no other, POSIX has this folder for temporary files.
        // SAFETY: what getenv returns is a null-terminated text, and copied at once.
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        // A C string that may be changed: mkstemp replaces the six letters.
        var path = Array((folder + "/bench.XXXXXX").utf8CString)
        // SAFETY: the template is ours, and ends with a zero.
        let file = unsafe mkstemp(&path)
        guard file >= 0 else { throw SystemError("mkstemp") }
        _ = close(file)
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func remove(_ path: String) {
        // SAFETY: the path is passed as a null-terminated copy.
        _ = unsafe unlink(path)
    }

    /// Writes a line to standard output at once: another process may wait for it on a pipe.
    static func printLine(_ line: String) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the slice's bytes are read within the call.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns when standard input ends: whoever started this process is gone, or wants it to end.
    static func waitForEndOfInput() {
        var byte: UInt8 = 0
        while true {
            // SAFETY: at most one byte is written into a local of that size.
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count == 0 || count < 0 && errno != EINTR { return }
        }
    }

    /// Allows this process as many descriptors as the system lets it have.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        // SAFETY: the structure is a local of the right type.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Ticks of `/proc/stat` in a second.
    static var ticksPerSecond: Int { max(1, Int(sysconf(CInt(_SC_CLK_TCK)))) }
}
