import SocketIOWire
import TestSupport
import Testing

@Suite struct Base64Tests {
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    private func encode(_ bytes: [UInt8]) -> String {
        let writer = ByteWriter()
        Base64.encode(bytes.span, into: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    @Test(arguments: vectors)
    func `encodes and decodes the vectors of RFC 4648 10`(plain: String, encoded: String) {
        #expect(encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded.utf8.span) == Array(plain.utf8))
    }

    @Test(arguments: vectors)
    func `decodes without padding`(plain: String, encoded: String) {
        let bare = encoded.filter { $0 != "=" }
        #expect(Base64.decode(bare.utf8.span) == Array(plain.utf8))
    }

    @Test(arguments: [
        "A", "AAAAA", "=", "==", "===", "====", "A===", "Zg=", "Zg===", "Z=g=", "Zg==Zg==", "Zm9v=", "Zm 9v", "Zm9v\n",
        "Zm-_", "Zm9\u{E9}",
    ])
    func `refuses what is not base64`(text: String) {
        #expect(Base64.decode(text.utf8.span) == nil)
    }

    @Test(arguments: 0...64)
    func `what it encodes it decodes`(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<20 {
            let bytes = random.bytes(count)
            let text = encode(bytes)
            #expect(text.utf8.count == (count + 2) / 3 * 4)
            #expect(Base64.decode(text.utf8.span) == bytes)
            let urlSafe = text.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
            #expect(Base64.urlSafeText(bytes.span) == String(urlSafe))
        }
    }

    @Test func `appends to what is written`() {
        let writer = ByteWriter()
        writer.append("b")
        Base64.encode([1, 2, 3, 4].span, into: writer)
        #expect(String(decoding: writer.array(), as: UTF8.self) == "bAQIDBA==")
    }

    @Test func `survives random text`() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<20_000 { _ = Base64.decode(random.bytes(Int.random(in: 0...12, using: &random)).span) }
    }
}
