import SocketIOWire
import TestSupport
import Testing

@Suite struct IPAddressTests {
    private static func address(_ text: String) -> IPAddress? { IPAddress(text.utf8.span) }

    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("192.0.2.1", "192.0.2.1"), ("::", "::"),
        ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("0001:02:003:0:0:0:0:8", "1:2:3::8"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
        ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func `an address is read in all its forms, and written in one`(_ text: String, _ written: String) {
        #expect(Self.address(text)?.description == written)
        #expect(Self.address(written) == Self.address(text))
        #expect(Self.address(text)?.isIPv4 == written.contains("."))
    }

    @Test(arguments: [
        "", ".", ":", ":::", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", ".1.2.3", "1..2.3", "01.2.3.4", "1.2.3.00",
        "1.2.3.4 ",
        " 1.2.3.4", "1.2.3.-4", "1.2.3.+4", "0x1.2.3.4", "1.2.3.4/8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1::2::3", "1:", ":1", "1:2:3:4:5:6:7:", "12345::", "g::", "::1%lo", "[::1]", "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "unknown", "_hidden", "localhost", "١.٢.٣.٤", "1.2.3.4\u{0}",
        "1111111111111111111111.2.3.4",
    ])
    func `what is none is refused`(_ text: String) {
        #expect(Self.address(text) == nil)
    }

    @Test func `whatever is written is read as itself`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            // Groups of zeros are what is special.
            let groups = (0..<8).map { _ in Bool.random(using: &random) ? 0 : UInt16.random(in: 0...3, using: &random) }
            let full = groups.map { String($0, radix: 16) }.joined(separator: ":")
            let address = Self.address(full)
            #expect(address.flatMap { Self.address($0.description) } == address)
        }
    }

    @Test func `any bytes are read or refused`() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("0123456789abcfx:::..[]%".utf8)
        for _ in 0..<100_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let address = IPAddress(text.span) else { continue }
            #expect(Self.address(address.description) == address)
        }
    }
}

@Suite struct IPNetworkTests {
    private static func contains(_ network: String, _ address: String) throws -> Bool {
        let address = IPAddress(address.utf8.span)
        return try IPNetwork(parsing: network).contains(try #require(address))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1/32", "192.0.2.1", true), ("0.0.0.0/0", "1.2.3.4", true),
        ("0.0.0.0/0", "::1", false), ("::1", "::1", true), ("::1", "::2", false),
        ("2001:db8::/32", "2001:db8:1::", true),
        ("2001:db8::/32", "2001:db9::", false), ("::/0", "2001::", true), ("172.16.0.0/12", "172.31.255.255", true),
        ("172.16.0.0/12", "172.32.0.0", false), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
    ])
    func `a network has the addresses that begin with it`(_ network: String, _ address: String, _ isIn: Bool) throws {
        #expect(try Self.contains(network, address) == isIn)
    }

    @Test(arguments: [
        ("", "is no address"), ("localhost", "is no address"), ("10.0.0.0/", "has no number from 0 to 32"),
        ("10.0.0.0/33", "has no number from 0 to 32"), ("10.0.0.0/-1", "has no number"),
        ("10.0.0.0/8/8", "has no number"),
        ("::/129", "has no number from 0 to 128"), ("10.0.0.0/99999999999999999999", "has no number"),
        ("/8", "is no address"),
        ("10.1.2.3/8", "says more than its first 8 bits: write 10.0.0.0/8"),
        ("2001:db8::1/32", "says more than its first 32 bits: write 2001:db8::/32"), (" 10.0.0.0/8", "is no address"),
        ("10.*", "is no address"), ("10.0.0.0/255.0.0.0", "has no number"), ("10.0.0.0/+8", "has no number"),
    ])
    func `what is none is refused with words`(_ text: String, _ words: String) {
        let failure = #expect(throws: IPNetwork.Failure.self) { try IPNetwork(parsing: text) }
        #expect(failure?.words.hasPrefix(words) == true, "\(failure?.words ?? "")")
    }
}
