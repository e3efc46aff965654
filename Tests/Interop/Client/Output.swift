#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whoever reads the output waits for each line.
func flushOutput() {
    fflush(nil)
}
