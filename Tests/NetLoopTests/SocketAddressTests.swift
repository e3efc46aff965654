import Testing

@testable import NetLoop

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("192.168.1.20", "192.168.1.20"), ("localhost", "127.0.0.1"),
    ])
    func `reads and writes IPv4`(host: String, text: String) throws {
        let address = try #require(SocketAddress(host: host, port: 8080))
        #expect(!address.isIPv6)
        #expect(address.host == text)
        #expect(address.port == 8080)
        #expect(address.description == "\(text):8080")
    }

    @Test(
        arguments: [
            ("::", "::"), ("::1", "::1"), ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
            ("fe80::1:2:3:4", "fe80::1:2:3:4"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil), ("::2:0:0", nil),
            ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ] as [(String, String?)])
    func `reads and writes IPv6`(host: String, text: String?) throws {
        let text = text ?? host
        let address = try #require(SocketAddress(host: host, port: 1))
        #expect(address.isIPv6)
        #expect(address.host == text)
        #expect(address.description == "[\(text)]:1")
    }

    @Test(arguments: [("::ffff:1.2.3.4", "1.2.3.4"), ("::ffff:0:0", "0.0.0.0"), ("::FFFF:7f00:1", "127.0.0.1")])
    func `an IPv4 peer of an IPv6 socket reads as IPv4`(host: String, text: String) throws {
        let address = try #require(SocketAddress(host: host, port: 9))
        #expect(address.isIPv6)
        #expect(address.host == text)
        #expect(address.description == "\(text):9")
    }

    @Test(arguments: ["1::ffff:1.2.3.4", "::fffe:102:304", "::1:ffff:102:304"])
    func `only the mapped prefix reads as IPv4`(host: String) throws {
        #expect(try #require(SocketAddress(host: host, port: 9)).host.contains(":"))
    }

    @Test(arguments: [
        "", " ", "example.com", "LOCALHOST", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.-4", "0x7f.0.0.1", "1.2.3.4:80", "[::1]", "::1%lo", ":", ":::", "1::2::3", "12345::", "::g", "１.2.3.4",
        "127.0.0.1\0", "127.0.0.1\0.example.com", "localhost\0", "::1\0",
    ])
    func `refuses what is no numeric address`(host: String) {
        #expect(SocketAddress(host: host, port: 80) == nil)
    }

    @Test func `is equal by address, port and family`() {
        let address = SocketAddress(host: "1.2.3.4", port: 5)
        #expect(address == SocketAddress(host: "1.2.3.4", port: 5))
        #expect(address != SocketAddress(host: "1.2.3.4", port: 6))
        #expect(address != SocketAddress(host: "1.2.3.5", port: 5))
        #expect(SocketAddress(host: "::", port: 5) != SocketAddress(host: "0.0.0.0", port: 5))
        #expect(SocketAddress(host: "::1", port: 5) != SocketAddress(host: "::2", port: 5))
        #expect(SocketAddress(host: "1::1", port: 5) != SocketAddress(host: "2::1", port: 5))
    }

    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::1", "1.2.3.4"])
    func `is the same behind the system's form`(host: String) throws {
        let address = try #require(SocketAddress(host: host, port: 0xABCD))
        let copy = unsafe address.withSockAddr { source, length in
            unsafe SocketAddress.filled { target, targetLength in
                // SAFETY: the target is a `sockaddr_storage`, which holds any address.
                unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: Int(length))
                unsafe targetLength.pointee = length
                return 0
            }
        }
        #expect(copy == address)
    }

    @Test func `is nothing where the system call fails`() {
        #expect(unsafe SocketAddress.filled { _, _ in -1 } == nil)
        #expect(SocketAddress.unknown.description == "0.0.0.0:0")
    }
}
