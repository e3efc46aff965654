import SocketIOWire
import Testing

/// RFC 9110 14.
@Suite struct HTTPRangeTests {
    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=0-", 0..<10), ("bytes=9-9", 9..<10), ("bytes=9-", 9..<10),
        ("bytes=3-5", 3..<6), ("bytes=3-99", 3..<10), ("bytes=-1", 9..<10), ("bytes=-10", 0..<10),
        ("bytes=-11", 0..<10), ("BYTES=1-2", 1..<3), ("bytes= 1-2", 1..<3), ("bytes=1-2 ", 1..<3),
        ("bytes=000-001", 0..<2), ("bytes=0-99999999999999999999999999", 0..<10),
        ("bytes=-99999999999999999999999999", 0..<10), ("bytes=5-9223372036854775807", 5..<10),
    ])
    func `a part is what the positions say, as far as there is anything`(header: String, part: Range<Int>) {
        #expect(HTTPRange(header, ofLength: 10) == .part(part))
    }

    @Test(arguments: [
        "bytes=10-", "bytes=10-10", "bytes=11-20", "bytes=-0", "bytes=9223372036854775807-",
        "bytes=99999999999999999999999999-",
    ])
    func `a part behind the end cannot be had`(header: String) {
        #expect(HTTPRange(header, ofLength: 10) == .unsatisfiable)
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-4", "bytes=a-b", "bytes=1-2,4-5", "bytes=1-2, -1",
        "items=0-1", "bytes =0-1", "bytes=0 -1", "bytes=0-1-2", "bytes=--1", "bytes=+0-1", "bytes=0x0-1", "byte=0-1",
        "bytes=\u{0661}-2",
    ])
    func `what is no single range of bytes asks for all`(header: String) {
        #expect(HTTPRange(header, ofLength: 10) == .whole)
    }

    @Test func `without the field, and of nothing, all is asked for`() {
        #expect(HTTPRange(nil, ofLength: 10) == .whole)
        for header in ["bytes=0-", "bytes=-1", "bytes=5-"] { #expect(HTTPRange(header, ofLength: 0) == .whole) }
    }

    @Test func `the answer says which part it is`() {
        #expect(HTTPRange.part(3..<6).contentRange(ofLength: 10) == "bytes 3-5/10")
        #expect(HTTPRange.unsatisfiable.contentRange(ofLength: 10) == "bytes */10")
        #expect(HTTPRange.whole.contentRange(ofLength: 10) == nil)
    }
}
