import SocketIOWire
import Testing

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41%42c", "ABc"), ("%e2%82%AC", "\u{20AC}"), ("a+b", "a b"), ("%2B", "+"),
        ("%", "%"), ("%4", "%4"), ("%4g", "%4g"), ("%%41", "%A"), ("a%", "a%"), ("%ff", "\u{FFFD}"), ("%00", "\0"),
    ])
    func `decodes a query`(encoded: String, plain: String) {
        #expect(PercentEncoding.decode(encoded.utf8.span, plusIsSpace: true) == plain)
    }

    @Test func `leaves a plus in a path`() {
        #expect(PercentEncoding.decode("a+b%20c".utf8.span, plusIsSpace: false) == "a+b c")
    }
}
