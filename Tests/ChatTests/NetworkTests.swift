import Testing

@testable import chat

@Suite struct NetworkTests {
    @Test(arguments: [
        ("1.2.3.4", "::ffff:1.2.3.4"), ("2001:db8::1", "2001:db8::2"), ("2001:db8::1", "2001:db8:0:0:ffff::"),
        ("2001:db8:1:2::", "2001:db8:1:2:3:4:5:6"), ("::1", "::2"), ("1::2:3:4:5:6:7", "1:0:2:3::"),
    ])
    func `addresses of one network are one`(_ one: String, _ other: String) {
        #expect(Network(of: one) == Network(of: other))
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.5"), ("2001:db8::1", "2001:db8:0:1::1"), ("2001:db8:1:2::", "2001:db8:1:3::"),
        ("::1", "1::"), ("1::2:3:4:5:6:7", "1:0:2:4::"),
    ])
    func `those of others are not`(_ one: String, _ other: String) {
        #expect(Network(of: one) != Network(of: other))
    }
}
