#if canImport(Glibc)
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

    /// Writes a line to standard error in one call, so that lines of several threads do not mix.
    package static func writeError(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { bytes in
            // SAFETY: the string's own bytes; nothing can be done if standard error does not take them.
            _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
