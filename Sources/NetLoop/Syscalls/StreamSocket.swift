#if canImport(Glibc)
    internal import CLinux
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SocketIOWire

/// The system calls of TCP sockets. None blocks.
enum StreamSocket {
    enum Sent {
        /// This many bytes were taken, which may be fewer than there were.
        case bytes(Int)
        case failure(SystemError)
    }

    /// A socket, and its own address or its peer's.
    struct Addressed: ~Copyable {
        var socket: OwnedDescriptor
        let address: SocketAddress
    }

    /// Sends `bytes`; zero taken means that the socket's buffer is full.
    static func send(_ bytes: Span<UInt8>, to socket: CInt) -> Sent {
        let flags = CInt(MSG_NOSIGNAL)
        while true {
            // SAFETY: the span's bytes are read within the call.
            let count = unsafe bytes.withUnsafeBytes { unsafe Self.send(socket, $0.baseAddress, $0.count, flags) }
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .bytes(0)
            default: return .failure(SystemError("send"))
            }
        }
    }

    @inline(__always)
    private static func send(_ socket: CInt, _ base: UnsafeRawPointer?, _ count: Int, _ flags: CInt) -> Int {
        #if canImport(Glibc)
            unsafe linux_sendto(Int(SYS_sendto), socket, base, count, flags, nil, 0)
        #else
            unsafe Darwin.send(socket, base, count, flags)
        #endif
    }

    /// A listening socket, and the address that it got.
    static func listen(
        on address: SocketAddress, backlog: CInt
    ) throws(SystemError) -> Addressed {
        let socket = try make(for: address)
        try set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.isIPv6 {
            // So that `::` serves IPv4 too, as Node does.
            try set(socket, CInt(IPPROTO_IPV6), CInt(IPV6_V6ONLY), 0)
        }
        let bound = unsafe address.withSockAddr { pointer, length in unsafe bind(socket.rawValue, pointer, length) }
        guard bound == 0 else { throw SystemError("bind") }
        #if canImport(Glibc)
            guard Glibc.listen(socket.rawValue, backlog) == 0 else { throw SystemError("listen") }
        #else
            guard Darwin.listen(socket.rawValue, backlog) == 0 else { throw SystemError("listen") }
        #endif
        let local = unsafe SocketAddress.filled { storage, length in
            unsafe getsockname(socket.rawValue, storage, length)
        }
        return Addressed(socket: socket, address: local ?? address)
    }

    /// The next waiting connection, or nil if none waits.
    static func accept(from listener: CInt) throws(SystemError) -> Addressed? {
        while true {
            var accepted: CInt = -1
            let address = unsafe SocketAddress.filled { storage, length in
                #if os(Linux)
                    accepted = unsafe accept4(
                        listener, storage, length, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                #else
                    accepted = unsafe Darwin.accept(listener, storage, length)
                    if accepted >= 0 {
                        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
                        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                    }
                #endif
                return accepted < 0 ? -1 : 0
            }
            if accepted >= 0 {
                let socket = OwnedDescriptor(adopting: accepted)
                // Events are small and each matters: Nagle's delay would add up to 40 ms.
                try? set(socket, CInt(IPPROTO_TCP), TCP_NODELAY, 1)  // only latency is at stake
                return Addressed(socket: socket, address: address ?? .unknown)
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EAGAIN: return nil
            default: throw SystemError("accept")
            }
        }
    }

    /// Tells the peer that nothing more comes.
    static func finishSending(_ socket: CInt) {
        _ = shutdown(socket, CInt(SHUT_WR))
    }

    /// How many bytes the kernel has taken and the peer has not acknowledged.
    static func unacknowledgedByteCount(of socket: CInt) -> Int {
        var count: CInt = 0
        #if os(Linux)
            // SAFETY: the call writes one `int`.
            _ = unsafe ioctl(socket, UInt(TIOCOUTQ), &count)
        #else
            var size = socklen_t(MemoryLayout<CInt>.size)
            // SAFETY: the size given is that of the local.
            _ = unsafe getsockopt(socket, SOL_SOCKET, SO_NWRITE, &count, &size)
        #endif
        return Int(count)
    }

    static func make(for address: SocketAddress) throws(SystemError) -> OwnedDescriptor {
        try make(family: address.isIPv6 ? AF_INET6 : AF_INET)
    }

    static func make(family: CInt) throws(SystemError) -> OwnedDescriptor {
        #if os(Linux)
            let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let socket = socket(family, type, 0)
        guard socket >= 0 else { throw SystemError("socket") }
        #if !os(Linux)
            _ = fcntl(socket, F_SETFL, O_NONBLOCK)
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        #endif
        return OwnedDescriptor(adopting: socket)
    }

    /// Two ends of a connection within the process.
    struct Pair: ~Copyable {
        var first: OwnedDescriptor
        var second: OwnedDescriptor
    }

    static func pair() throws(SystemError) -> Pair {
        var ends: (CInt, CInt) = (-1, -1)
        #if os(Linux)
            let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let failed = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            // SAFETY: the call writes two `int`s, which the local holds.
            unsafe socketpair(AF_UNIX, type, 0, bytes.assumingMemoryBound(to: CInt.self).baseAddress)
        }
        guard failed == 0 else { throw SystemError("socketpair") }
        #if !os(Linux)
            for end in [ends.0, ends.1] {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
        #endif
        return Pair(first: OwnedDescriptor(adopting: ends.0), second: OwnedDescriptor(adopting: ends.1))
    }

    static func set(
        _ socket: borrowing OwnedDescriptor, _ level: CInt, _ option: CInt, _ value: CInt
    ) throws(SystemError) {
        var value = value
        // SAFETY: the size given is that of the local.
        let failed = unsafe setsockopt(socket.rawValue, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
        guard failed == 0 else { throw SystemError("setsockopt") }
    }
}
