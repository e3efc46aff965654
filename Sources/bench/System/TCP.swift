import Glibc
import NetLoop

/// TCP sockets of this machine, as the load generator and the floor use them.
enum TCP {
    /// Connects to a numeric address; the socket does not block afterwards.
    static func connect(to address: Target.Address) throws(SystemError) -> OwnedDescriptor {
        let socket = try make()
        var name = try socketName(address)
        // SAFETY: the address outlives the call and has the length that is told.
        let failed = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(socket.rawValue, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
        guard !failed else { throw SystemError("connect") }
        prepare(socket.rawValue)
        return socket
    }

    /// Listens on a free port of 127.0.0.1.
    static func listen() throws(SystemError) -> OwnedDescriptor {
        let socket = try make()
        var name = try socketName(Target.Address(host: "127.0.0.1", port: 0))
        // SAFETY: the address outlives the call and has the length that is told.
        let failed = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(socket.rawValue, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
        guard !failed, Glibc.listen(socket.rawValue, 4096) == 0 else { throw SystemError("listen") }
        prepare(socket.rawValue)
        return socket
    }

    /// The port that a socket has on this side.
    static func port(of socket: borrowing OwnedDescriptor) -> Int {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: no more is written than the length that is told.
        unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = unsafe getsockname(socket.rawValue, generic, &length)
            }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    /// The next waiting connection, ready for use; nil if none waits.
    static func accept(from listener: borrowing OwnedDescriptor) -> OwnedDescriptor? {
        let socket = Glibc.accept(listener.rawValue, nil, nil)
        guard socket >= 0 else { return nil }
        prepare(socket)
        return OwnedDescriptor(adopting: socket)
    }

    /// Sends `bytes`; how many the kernel took, zero if its buffer is full, nil if the connection is broken.
    @inline(__always)
    static func send(_ bytes: Span<UInt8>, to socket: CInt) -> Int? {
        while true {
            // SAFETY: the span's bytes are read within the call.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }

    private static func make() throws(SystemError) -> OwnedDescriptor {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SystemError("socket") }
        return OwnedDescriptor(adopting: socket)
    }

    private static func prepare(_ socket: CInt) {
        var one: CInt = 1
        // SAFETY: the value outlives the call and has the length that is told.
        _ = unsafe setsockopt(
            socket, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    private static func socketName(_ address: Target.Address) throws(SystemError) -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(truncatingIfNeeded: address.port).bigEndian
        // SAFETY: the text is passed as a null-terminated copy; the target is an IPv4 address.
        guard unsafe inet_pton(AF_INET, address.host, &name.sin_addr) == 1 else {
            throw SystemError(code: EINVAL, "numeric IPv4 address")
        }
        return name
    }
}
