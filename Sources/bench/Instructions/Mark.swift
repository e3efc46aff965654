import Glibc

/// A moment that callgrind notices: it has been told to write its counts before this function, and starts afresh.
enum Mark {
    /// A part of the name that the function has for the linker.
    static let symbol = "noticedByCallgrind"

    @inline(never)
    static func noticedByCallgrind() {
        // Something that cannot be left out.
        _ = getppid()
    }
}
