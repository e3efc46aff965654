import Testing

@testable import NetLoop

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// All addresses of the machine.
@Suite struct ListeningSocketTests {
    @Test func `listens for IPv6 and IPv4`() throws {
        let socket = try ListeningSocket.onAllAddresses(port: 0)
        #expect(socket.address.host == "::")
        #expect(socket.address.port != 0)
        for host in ["::1", "127.0.0.1"] {
            let client = try LoopbackSocket(to: #require(SocketAddress(host: host, port: socket.address.port)))
            client.close()
        }
        _ = socket.take()
    }

    @Test(arguments: [EAFNOSUPPORT, EPROTONOSUPPORT, EADDRNOTAVAIL])
    func `listens for IPv4 where there is no IPv6`(code: CInt) throws {
        let socket = try ListeningSocket.onAllAddresses(port: 0) { address throws(SystemError) in
            guard !address.isIPv6 else { throw SystemError(code: code, "socket") }
            return try ListeningSocket(on: address)
        }
        #expect(socket.address.host == "0.0.0.0")
        _ = socket.take()
    }

    @Test func `a port that is taken is not tried with less`() throws {
        let first = try ListeningSocket.onAllAddresses(port: 0)
        var hosts: [String] = []
        #expect(throws: SystemError.self) {
            _ = try ListeningSocket.onAllAddresses(port: first.address.port) { address throws(SystemError) in
                hosts.append(address.host)
                return try ListeningSocket(on: address)
            }
        }
        #expect(hosts == ["::"])
        _ = first.take()
    }
}
