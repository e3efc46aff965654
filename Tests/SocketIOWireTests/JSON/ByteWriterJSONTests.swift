import SocketIOWire
import Testing

@Suite struct ByteWriterJSONTests {
    private func text(_ write: (ByteWriter) -> Void) -> String {
        let writer = ByteWriter()
        write(writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    // The right-hand sides are what `JSON.stringify` of Node 20 gave.
    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.0, "-1"), (1.5, "1.5"), (-2.25, "-2.25"), (0.1, "0.1"),
        (0.30000000000000004, "0.30000000000000004"), (1e+21, "1e+21"), (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"), (0.000001, "0.000001"), (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"), (0.000001234, "0.000001234"), (Double.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e+308, "1.7976931348623157e+308"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (9007199254740991.0, "9007199254740991"), (9007199254740992.0, "9007199254740992"),
        (9007199254740994.0, "9007199254740994"), (1e16, "10000000000000000"),
        (123456789012345660.0, "123456789012345660"), (12345678901234567000.0, "12345678901234567000"),
        (1e+22, "1e+22"), (1.5e+300, "1.5e+300"), (1.23e-18, "1.23e-18"), (100.0, "100"),
        (1e15, "1000000000000000"), (4.35, "4.35"), (0.5, "0.5"), (0.3333333333333333, "0.3333333333333333"),
        (0.6666666666666666, "0.6666666666666666"), (0.00001, "0.00001"), (123456.789, "123456.789"),
        (-1e-10, "-1e-10"), (1e+100, "1e+100"), (999999999999999900000.0, "999999999999999900000"),
        (4294967296.5, "4294967296.5"), (18014398509481984.0, "18014398509481984"),
    ])
    func `numbers look as in JavaScript`(number: Double, expected: String) {
        #expect(text { $0.append(json: number) } == expected)
    }

    /// Up to eight decimals and fifteen digits have a way of their own; these lie on both sides of its ends.
    @Test(arguments: [
        "9999999.99999999", "9999999.999999998", "10000000.5", "0.00000101", "0.000001001", "1.00000001", "-51.4778",
        "0.12345678", "0.123456789", "-0.00150001", "1234567.00000001", "0.99999999",
    ])
    func `decimals are written with their own digits`(number: String) throws {
        #expect(text { $0.append(json: Double(number)!) } == number)
    }

    @Test func `random decimals are written with as few digits as Swift needs`() {
        var random = JSONTestRandom(seed: 9)
        for _ in 0..<50_000 {
            let decimals = Int.random(in: 1...10, using: &random)
            let digits = Double(UInt64.random(in: 1..<1_000_000_000_000_000, using: &random))
            let number = digits / [1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10][decimals - 1]
            // Swift writes a point where JavaScript has none, and exponents where it has zeros.
            guard number >= 1e-3, number < 1e15, number.rounded() != number else { continue }
            #expect(text { $0.append(json: number) } == number.description)
        }
    }

    private func digest(_ numbers: (inout JSONTestRandom) -> Double, seed: UInt64) -> UInt64 {
        var random = JSONTestRandom(seed: seed)
        let writer = ByteWriter()
        for _ in 0..<20_000 {
            writer.append(json: numbers(&random))
            writer.append(UInt8(ascii: ","))
        }
        // FNV-1a.
        return writer.array().reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    // The digests are those of the same numbers written by `JSON.stringify` of Node 20.
    @Test func `20 000 random bit patterns are written as Node writes them`() {
        #expect(digest({ Double(bitPattern: $0.next()) }, seed: 7) == 0xBDFE_C4D2_3148_1844)
    }

    @Test func `20 000 random decimals are written as Node writes them`() {
        let powers: [Double] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
            1e19, 1e20, 1e21, 1e22,
        ]
        let decimal = { (random: inout JSONTestRandom) -> Double in
            let bits = random.next()
            let (digits, power) = (Double(bits >> 40), powers[Int(bits % 23)])
            return bits & 1 << 30 == 0 ? digits / power : digits * power
        }
        #expect(digest(decimal, seed: 8) == 0x1B01_FACE_9ACE_40E4)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `numbers that are not finite are null`(number: Double) {
        #expect(text { $0.append(json: number) } == "null")
        #expect(text { $0.append(json: Float(number)) } == "null")
    }

    @Test func `a Float has its own shortest digits`() {
        #expect(text { $0.append(json: Float(0.1)) } == "0.1")
        #expect(text { $0.append(json: Float(16_777_216)) } == "16777216")
        #expect(text { $0.append(json: Float.greatestFiniteMagnitude) } == "3.4028235e+38")
    }

    @Test func `integers keep all their digits`() {
        #expect(text { $0.append(json: Int64.min) } == "-9223372036854775808")
        #expect(text { $0.append(json: UInt64.max) } == "18446744073709551615")
        #expect(text { $0.append(json: Int8.min) } == "-128")
        #expect(text { $0.append(json: 0) } == "0")
    }

    @Test func `booleans and null`() {
        #expect(text { $0.append(json: true) } == "true")
        #expect(text { $0.append(json: false) } == "false")
        #expect(text { $0.appendJSONNull() } == "null")
    }

    @Test(arguments: [
        ("", #""""#), ("abc", #""abc""#), (#"a"b\c/d"#, #""a\"b\\c/d""#),
        ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#),
        ("\u{0}\u{1}\u{B}\u{1F}\u{7F}", "\"\\u0000\\u0001\\u000b\\u001f\u{7F}\""),
        ("ä€😀\u{2028}\u{2029}", "\"ä€😀\u{2028}\u{2029}\""), ("<script>&'", #""<script>&'""#),
    ])
    func `strings have the escapes of JavaScript and no others`(string: String, expected: String) {
        #expect(text { $0.append(json: string) } == expected)
    }

    @Test func `an escape at any place of a string is written and read back`() {
        for length in 0..<40 {
            for place in 0...length {
                for special in ["\"", "\\", "\n", "\u{1}", "é"] {
                    let plain =
                        String(repeating: "x", count: place) + special
                        + String(repeating: "y", count: length - place)
                    let json = Array(text { $0.append(json: plain) }.utf8)
                    #expect(JSONString.decode(json.span.extracting(1..<(json.count - 1))) == plain)
                }
            }
        }
    }

    @Test func `a placeholder names its attachment`() {
        #expect(text { $0.appendPlaceholder(12) } == #"{"_placeholder":true,"num":12}"#)
    }

    @Test func `any byte at any place of a string is written as a plain loop writes it`() {
        for count in [0...40, 60...70, 100...100].joined() {
            for place in 0..<count {
                for byte in UInt8.min...0x7F {
                    var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                    bytes[place] = byte
                    let writer = ByteWriter(capacity: 16)
                    writer.append(jsonUTF8: bytes.span)
                    #expect(writer.array() == plainlyEscaped(bytes))
                }
            }
        }
        let text = "\u{E9}\u{20AC}\u{1F600}"
        #expect(self.text { $0.append(json: text) } == "\"\(text)\"")
    }

    @Test func `any number of escapes at any places is written as a plain loop writes it`() {
        var random = JSONTestRandom(seed: 7)
        for count in 0...100 {
            for _ in 0..<40 {
                let share = random.next() % 4
                let bytes = (0..<count).map { _ -> UInt8 in
                    random.next() % 8 < share ? UInt8(truncatingIfNeeded: random.next() % 0x60) : UInt8(ascii: "a")
                }
                let writer = ByteWriter(capacity: 16)
                writer.append(jsonUTF8: bytes.span)
                #expect(writer.array() == plainlyEscaped(bytes))
            }
        }
    }

    private func plainlyEscaped(_ bytes: [UInt8]) -> [UInt8] {
        let short: [UInt8: String] = [0x08: "b", 0x09: "t", 0x0A: "n", 0x0C: "f", 0x0D: "r", 0x22: "\"", 0x5C: "\\"]
        var result = "\""
        for byte in bytes {
            if let escape = short[byte] {
                result += "\\" + escape
            } else if byte < 0x20 {
                result += "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
            } else {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return Array((result + "\"").utf8)
    }
}
