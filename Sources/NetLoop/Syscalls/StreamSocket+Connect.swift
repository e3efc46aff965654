#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension StreamSocket {
    /// A socket that is being connected to `address`: once it can be written to, `pendingError` says how it went.
    static func connect(to address: SocketAddress) throws(SystemError) -> OwnedDescriptor {
        let socket = try make(for: address)
        // Events are small and each matters: Nagle's delay would add up to 40 ms.
        try? set(socket, CInt(IPPROTO_TCP), TCP_NODELAY, 1)  // only latency is at stake
        let failed = unsafe address.withSockAddr { pointer, length in
            #if canImport(Glibc)
                unsafe Glibc.connect(socket.rawValue, pointer, length)
            #else
                unsafe Darwin.connect(socket.rawValue, pointer, length)
            #endif
        }
        // POSIX: an interrupted connection goes on as one that is in progress does.
        guard failed == 0 || errno == EINPROGRESS || errno == EINTR else { throw SystemError("connect") }
        return socket
    }

    /// A socket that is connected to the one of this machine at `path` (`unix(7)`), which is so at once or not at all.
    static func connect(toPath path: String) throws(SystemError) -> OwnedDescriptor {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // A zero byte ends it.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw SystemError(code: ENAMETOOLONG, "connect")
        }
        // SAFETY: the path is shorter than the field.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let socket = try make(family: AF_UNIX)
        // SAFETY: the length passed is the local's.
        let failed = unsafe withUnsafeBytes(of: address) { raw in
            let pointer = unsafe raw.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped
            #if canImport(Glibc)
                return unsafe Glibc.connect(socket.rawValue, pointer, socklen_t(raw.count))
            #else
                return unsafe Darwin.connect(socket.rawValue, pointer, socklen_t(raw.count))
            #endif
        }
        guard failed == 0 else { throw SystemError("connect") }
        return socket
    }

    /// Why connecting failed, or nil if it did not.
    static func pendingError(of socket: CInt) -> SystemError? {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        // SAFETY: the size given is that of the local.
        guard unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
            return SystemError("getsockopt")
        }
        return code == 0 ? nil : SystemError(code: code, "connect")
    }
}
