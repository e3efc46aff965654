#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Names of files.
package enum FilePath {
    /// The absolute form of `path` with every link followed, or nil if nothing is there.
    package static func resolve(_ path: String) -> String? {
        // SAFETY: `realpath` returns a null-terminated string that is ours to free.
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}
