#if os(Linux)
    internal import Glibc

    extension OpenFile {
        /// Has the kernel send of `range` what `socket` takes at once, past the process.
        ///
        /// - Returns: How many bytes; none where the socket takes none, where the file has none any more, and after a
        ///   failure, which whoever reads and sends the bytes then meets.
        func send(_ range: Range<Int>, to socket: CInt) -> Int {
            var brokenPipe = sigset_t()
            var before = sigset_t()
            var offset = off_t(range.lowerBound)
            // `sendfile` cannot be told that a broken connection is no reason for a signal, as `send` can: the signal is
            // kept from this thread, and taken back if it came.
            // SAFETY: all are locals of the right types.
            unsafe sigemptyset(&brokenPipe)
            unsafe sigaddset(&brokenPipe, SIGPIPE)
            unsafe pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
            let count = unsafe sendfile(socket, descriptor.rawValue, &offset, range.count)
            if count < 0, errno == EPIPE {
                var atOnce = timespec()
                _ = unsafe sigtimedwait(&brokenPipe, nil, &atOnce)
            }
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
            return max(count, 0)
        }
    }
#else
    extension OpenFile {
        /// Nothing: whoever sends the file reads it.
        func send(_ range: Range<Int>, to socket: CInt) -> Int { 0 }
    }
#endif
