#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The system's resolver.
enum NameLookup {
    /// The addresses of `host` in the system's order (RFC 6724). Blocks for as long as the system likes.
    static func addresses(of host: String, port: UInt16) -> Resolver.Outcome {
        // The system reads up to the first zero byte only.
        guard !host.utf8.contains(0) else { return .failure("it contains a zero byte") }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        #if os(Linux)
            unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
            unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        // SAFETY: the host is passed as a null-terminated copy; the list is ours to free if the call succeeds.
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            // SAFETY: the system's own null-terminated text, copied.
            return .failure(unsafe String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            // SAFETY: each entry is valid until the list is freed, and its address has the length that it says.
            if let address = unsafe SocketAddress(current.pointee.ai_addr, current.pointee.ai_addrlen, port: port) {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return .addresses(addresses)
    }
}

extension SocketAddress {
    /// The address that the system wrote, with a port of ours; nil for a family other than IP.
    fileprivate init?(_ source: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t, port: UInt16) {
        guard let source = unsafe source else { return nil }
        let found = unsafe SocketAddress.filled { storage, storageLength in
            // SAFETY: no more than the storage holds is copied, and no more than the source has.
            let count = unsafe min(length, storageLength.pointee)
            unsafe UnsafeMutableRawPointer(storage).copyMemory(from: source, byteCount: Int(count))
            return 0
        }
        guard let found else { return nil }
        self = found.with(port: port)
    }
}
