import SocketIOWire
import Testing

@Suite struct ContentCodingTests {
    @Test(
        arguments: [
            (nil, nil), ("gzip", .gzip), ("GZIP", .gzip), ("deflate", .deflate), ("gzip, deflate, br", .gzip),
            ("deflate, gzip", .gzip), ("br", nil), ("identity", nil), ("", nil), ("*", .gzip), ("gzip;q=0", nil),
            ("deflate, gzip;q=0.5", .deflate), ("gzip;q=0, *", .deflate), ("*;q=0", nil),
            ("*;q=0, deflate;q=0.001", .deflate),
            ("identity;q=1, gzip;q=0.9", nil), ("identity;q=0.5, gzip;q=0.9", .gzip),
            ("gzip ; Q=0.3 ,deflate; q=0.4", .deflate),
            ("gzip;q=2", nil), ("gzip;q=1.0001", nil), ("gzip;q=", nil), ("gzip;level=9", nil),
            ("gzip;q=0.5x, deflate", .deflate),
        ] as [(String?, ContentCoding?)])
    func `is the one that the client prefers`(field: String?, coding: ContentCoding?) throws {
        let line = field.map { "Accept-Encoding: \($0)\r\n" } ?? ""
        let head = try HTTPRequestParser.head("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n")
        #expect(ContentCoding(acceptedBy: head.fields) == coding)
    }
}
