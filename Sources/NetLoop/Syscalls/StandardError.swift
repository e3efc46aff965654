#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Lines for standard error, or for another descriptor, as the operating system takes them.
package enum StandardError {
    package static var descriptor: CInt { STDERR_FILENO }

    /// Writes a line in one call, so that lines of several threads do not mix.
    package static func write(line: String) {
        write(Array("\(line)\n".utf8).span, to: descriptor)
    }

    /// Writes all of `bytes`, however long the reader lets it wait. What nobody reads any more is gone.
    package static func write(_ bytes: Span<UInt8>, to descriptor: CInt) {
        var start = 0
        while start < bytes.count {
            // SAFETY: the span's own bytes are read within the call.
            let count = unsafe bytes.extracting(start..<bytes.count).withUnsafeBytes {
                #if canImport(Glibc)
                    unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
                #else
                    unsafe Darwin.write(descriptor, $0.baseAddress, $0.count)
                #endif
            }
            if count >= 0 {
                start += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitForRoom(descriptor)
            default: return
            }
        }
    }

    private static func waitForRoom(_ descriptor: CInt) {
        var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // SAFETY: one local is read and written.
        _ = unsafe poll(&event, 1, -1)
    }

    /// Keeps every signal from the calling thread: a reader that is gone must not end the process by SIGPIPE, and what the
    /// application does about signals is done on its threads.
    package static func blockSignals() {
        var all = sigset_t()
        // SAFETY: a local is filled, and then read.
        _ = unsafe sigfillset(&all)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
