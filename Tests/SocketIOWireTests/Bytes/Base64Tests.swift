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

    // MARK: As the official server reads it

    /// Written from the rule, bit by bit.
    private func forgiven(_ text: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var bits: [Bool] = []
        for byte in text.prefix(while: { $0 != UInt8(ascii: "=") }) {
            let value: Int
            switch byte {
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            default:
                guard let index = alphabet.firstIndex(of: byte) else { continue }
                value = index
            }
            for bit in (0..<6).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        return stride(from: 0, to: bits.count / 8 * 8, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    @Test(
        arguments: [
            ("AP8F\n", [0, 255, 5]), ("AP8F\r\n", [0, 255, 5]), ("AP\n8F", [0, 255, 5]), (" A P 8 F ", [0, 255, 5]),
            ("AP8", [0, 255]), ("AP8=", [0, 255]), ("AP8=\n", [0, 255]), ("AP8\n=", [0, 255]), ("AP==", [0]),
            ("AP", [0]),
            ("-_-_", [0xFB, 0xFF, 0xBF]), ("+/-_", [0xFB, 0xFF, 0xBF]), ("", []), ("=", []), ("A", []),
            ("AP8FA", [0, 255, 5]),
            ("AP==AP==", [0]), ("=AP8F", []), ("A*P,8\u{E9}F", [0, 255, 5]), ("\n", []), ("Zm9v=", [0x66, 0x6F, 0x6F]),
        ] as [(String, [UInt8])])
    func `forgives what the official server forgives`(text: String, bytes: [UInt8]) {
        #expect(Base64.decodeForgiving(text.utf8.span) == bytes)
        #expect(forgiven(Array(text.utf8)) == bytes)
    }

    @Test func `forgives any text as the rule says, mutated and random`() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<30_000 {
            let plain = Array(encode(random.bytes(round % 24)).utf8)
            let text = round % 3 == 0 ? random.bytes(round % 16) : random.mutate(plain)
            #expect(Base64.decodeForgiving(text.span) == forgiven(text))
        }
    }

    @Test(arguments: [1, 19, 57, 76]) func `line breaks after any number of characters change nothing`(width: Int) {
        var random = SeededGenerator(seed: UInt64(width))
        for count in 0..<200 {
            let bytes = random.bytes(count)
            var text: [UInt8] = []
            for (index, byte) in encode(bytes).utf8.enumerated() {
                if index > 0, index % width == 0 { text += [13, 10] }
                text.append(byte)
            }
            #expect(Base64.decodeForgiving((text + [10]).span) == bytes)
        }
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
