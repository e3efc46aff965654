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
