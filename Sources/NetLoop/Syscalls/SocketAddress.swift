#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An IP address and a port. Small, because every connection has its peer's.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address in network order.
    private enum IP: Hashable, Sendable {
        case v4(UInt32)
        /// An IPv4 peer of an IPv6 socket: `::ffff:` and the address (RFC 4291 2.5.5.2).
        case mapped(UInt32)
        indirect case v6(InlineBytes)
    }

    /// The address in network order; an IPv4 address fills the first four bytes.
    private struct InlineBytes: Hashable, Sendable {
        var high: UInt64 = 0
        var low: UInt64 = 0
    }

    private let ip: IP
    package let port: UInt16

    package var isIPv6: Bool {
        switch ip {
        case .v4: false
        case .mapped, .v6: true
        }
    }

    private var bytes: InlineBytes {
        switch ip {
        case .v4(let address): InlineBytes(high: UInt64(address).littleEndian)
        case .mapped(let address):
            InlineBytes(low: (Self.mappedPrefix | UInt64(address) << 32).littleEndian)
        case .v6(let bytes): bytes
        }
    }

    /// The third four bytes of an IPv4 address in an IPv6 one.
    private static var mappedPrefix: UInt64 { 0xFFFF_0000 }

    /// Where the system did not say.
    package static let unknown = SocketAddress(bytes: InlineBytes(), port: 0, isIPv6: false)

    private init(bytes: InlineBytes, port: UInt16, isIPv6: Bool) {
        let (high, low) = (bytes.high.littleEndian, bytes.low.littleEndian)
        if !isIPv6 {
            ip = .v4(UInt32(truncatingIfNeeded: high))
        } else if high == 0, UInt64(UInt32(truncatingIfNeeded: low)) == Self.mappedPrefix {
            ip = .mapped(UInt32(truncatingIfNeeded: low >> 32))
        } else {
            ip = .v6(bytes)
        }
        self.port = port
    }

    /// A numeric address; `localhost` stands for 127.0.0.1. Nil for anything else: names are not looked up.
    package init?(host: String, port: UInt16) {
        // The system reads up to the first zero byte only.
        guard !host.utf8.contains(0) else { return nil }
        let host = host == "localhost" ? "127.0.0.1" : host
        var bytes = InlineBytes()
        // SAFETY: `inet_pton` writes 4 or 16 bytes into 16.
        let isIPv4 = unsafe withUnsafeMutableBytes(of: &bytes) { unsafe inet_pton(AF_INET, host, $0.baseAddress) == 1 }
        if isIPv4 {
            self.init(bytes: bytes, port: port, isIPv6: false)
            return
        }
        let isIPv6 = unsafe withUnsafeMutableBytes(of: &bytes) { unsafe inet_pton(AF_INET6, host, $0.baseAddress) == 1 }
        guard isIPv6 else { return nil }
        self.init(bytes: bytes, port: port, isIPv6: true)
    }

    /// `::`.
    package static func anyIPv6(port: UInt16) -> SocketAddress {
        SocketAddress(bytes: InlineBytes(), port: port, isIPv6: true)
    }

    /// `0.0.0.0`.
    static func anyIPv4(port: UInt16) -> SocketAddress {
        SocketAddress(bytes: InlineBytes(), port: port, isIPv6: false)
    }

    func with(port: UInt16) -> SocketAddress {
        SocketAddress(bytes: bytes, port: port, isIPv6: isIPv6)
    }

    /// The address without the port, in its usual text form; an IPv4 peer of an IPv6 socket reads as IPv4.
    package var host: String {
        var bytes = bytes
        var isIPv6 = isIPv6
        if case .mapped(let address) = ip {
            bytes.high = UInt64(address).littleEndian
            isIPv6 = false
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // SAFETY: 4 or 16 bytes are read from 16; the text's size is passed.
        let written = unsafe withUnsafeBytes(of: &bytes) { source in
            unsafe inet_ntop(isIPv6 ? AF_INET6 : AF_INET, source.baseAddress, &text, socklen_t(text.count)) != nil
        }
        guard written, let end = text.firstIndex(of: 0) else { return "unknown" }
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var description: String {
        isIPv6 && host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    func withSockAddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_storage()
        // SAFETY: `sockaddr_storage` is made to hold either address; the copies are bounded by its size.
        return unsafe withUnsafeMutableBytes(of: &storage) { raw in
            let length: Int
            if isIPv6 {
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = port.bigEndian
                unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { target in
                    unsafe Swift.withUnsafeBytes(of: bytes) { unsafe target.copyMemory(from: $0) }
                }
                length = MemoryLayout<sockaddr_in6>.size
                unsafe Swift.withUnsafeBytes(of: address) { unsafe raw.copyMemory(from: $0) }
            } else {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                address.sin_addr.s_addr = UInt32(truncatingIfNeeded: bytes.high.littleEndian)
                length = MemoryLayout<sockaddr_in>.size
                unsafe Swift.withUnsafeBytes(of: address) { unsafe raw.copyMemory(from: $0) }
            }
            return unsafe body(
                raw.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, socklen_t(length))
        }
    }

    /// What a system call that fills in an address and its length says; nil if it fails.
    static func filled(by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt)
        -> SocketAddress?
    {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the length passed is the storage's; each view below is no larger than the storage.
        return unsafe withUnsafeMutableBytes(of: &storage) { raw -> SocketAddress? in
            let base = unsafe raw.baseAddress.unsafelyUnwrapped
            guard unsafe call(base.assumingMemoryBound(to: sockaddr.self), &length) == 0 else { return nil }
            switch CInt(unsafe raw.load(as: sockaddr.self).sa_family) {
            case AF_INET:
                let address = unsafe raw.load(as: sockaddr_in.self)
                let bytes = InlineBytes(high: UInt64(address.sin_addr.s_addr).littleEndian)
                return SocketAddress(bytes: bytes, port: UInt16(bigEndian: address.sin_port), isIPv6: false)
            case AF_INET6:
                let address = unsafe raw.load(as: sockaddr_in6.self)
                let bytes = unsafe Swift.withUnsafeBytes(of: address.sin6_addr) {
                    unsafe $0.loadUnaligned(as: InlineBytes.self)
                }
                return SocketAddress(bytes: bytes, port: UInt16(bigEndian: address.sin6_port), isIPv6: true)
            default:
                return nil
            }
        }
    }
}
