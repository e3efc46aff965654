import SocketIOWire
import Testing

@Suite struct JSONNumberTests {
    private func decode<T: Decodable>(_ text: String, as type: T.Type = T.self) -> T? {
        try? JSONCoding.decode(type, from: Array(text.utf8).span, attachments: [])
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("3", 3), ("3.0", 3), ("30e-1", 3), ("0.3e1", 3), ("3e0", 3), ("-12", -12), ("1e3", 1000),
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("9223372036854775807.000", Int.max),
        ("922337203685477580.7e1", Int.max), ("0e999999999999999999999", 0), ("0.000e5", 0),
        ("100000000000000000000e-2", 1_000_000_000_000_000_000), ("3.00000000000000000000000000000000000", 3),
    ])
    func `an integer is any number that is whole`(text: String, expected: Int) {
        #expect(decode(text) == expected)
        #expect(decode("[\(text)]") == [expected])
    }

    @Test(arguments: [
        "1.5", "9223372036854775808", "-9223372036854775809", "1e19", "1e-1", "9223372036854775806.5", "1e999999999999",
        "9999999999999999999999", "0.1e-99999999999999999999",
    ])
    func `other numbers are no integer`(text: String) {
        #expect(decode(text, as: Int.self) == nil)
        #expect(decode("[\(text)]", as: [Int].self) == nil)
    }

    @Test func `narrow integers have their own range`() {
        #expect(decode("255", as: UInt8.self) == 255)
        #expect(decode("256", as: UInt8.self) == nil)
        #expect(decode("-1", as: UInt8.self) == nil)
        #expect(decode("-1", as: UInt64.self) == nil)
        #expect(decode("18446744073709551615", as: UInt64.self) == .max)
        #expect(decode("18446744073709551616", as: UInt64.self) == nil)
        #expect(decode("-128", as: Int8.self) == -128)
        #expect(decode("-129", as: Int8.self) == nil)
        #expect(decode("32768", as: Int16.self) == nil)
        #expect(decode("4294967295", as: UInt32.self) == .max)
    }

    @Test func `doubles are correctly rounded`() {
        var random = JSONTestRandom(seed: 3)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            #expect(decode("\(number)", as: Double.self) == number)
            let digits = random.next() >> Int.random(in: 0..<64, using: &random)
            let text = "\(digits)e\(Int.random(in: -330...300, using: &random))"
            #expect(decode(text, as: Double.self) == Double(text).flatMap { $0.isFinite ? $0 : nil })
        }
    }

    @Test func `a number too large for a Double is refused, but not by a JSONValue`() {
        #expect(decode("1e400", as: Double.self) == nil)
        #expect(decode("-1e400", as: Double.self) == nil)
        #expect(decode("1e39", as: Float.self) == nil)
        #expect(decode("1e400", as: JSONValue.self) == .number(.infinity))
    }

    @Test func `a JSONValue keeps whole numbers whole`() {
        #expect(decode("9007199254740993", as: JSONValue.self)?.description == "9007199254740993")
        #expect(decode("18446744073709551615", as: JSONValue.self) == .number(0x1p64))
        #expect(decode("-0.0", as: Double.self)?.sign == .minus)
    }

    @Test func `very long numbers take linear time`() {
        let digits = String(repeating: "1", count: 1_000_000)
        #expect(decode("0.\(digits)", as: Double.self) == 0.1111111111111111)
        #expect(decode("0.\(String(repeating: "0", count: 100_000))5e100001", as: Int.self) == 5)
        #expect(decode(digits, as: Int.self) == nil)
    }
}
