#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The system's source of numbers that nobody can predict.
package enum SystemRandom {
    /// Replaces all of `words`, of which there may be 64: getentropy gives 256 bytes at most.
    package static func fill(_ words: inout MutableSpan<UInt32>) {
        // SAFETY: as many bytes are written as the span has.
        let code = unsafe words.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, $0.count) }
        // It only fails for a bad address, or for more than it gives.
        precondition(code == 0, "no random numbers")
    }
}
