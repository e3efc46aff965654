import SocketIOWire
import Testing

/// Protocol.md 9.4.
@Suite struct EngineJSONPTests {
    private func call(_ query: String, _ payload: String) throws -> String {
        let jsonp = try #require(EngineJSONP(HTTPQuery(Array(query.utf8))))
        let writer = ByteWriter()
        jsonp.append(Array(payload.utf8).span, to: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    private func payload(_ form: String) -> String? {
        EngineJSONP.payload(ofForm: Array(form.utf8).span).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a response is the call of the page's function, of whose name only digits are taken`() throws {
        #expect(try call("EIO=3&j=0", "2:40") == #"___eio[0]("2:40");"#)
        #expect(try call("j=12", "") == #"___eio[12]("");"#)
        #expect(try call("j=a(1)b2", "1") == #"___eio[12]("1");"#)
        #expect(try call("j=", "1") == #"___eio[]("1");"#)
        for query in ["EIO=3&J=1", "j=1&j=2", "j=&EIO=3&j="] {
            #expect(EngineJSONP(HTTPQuery(Array(query.utf8))) == nil, "\(query)")
        }
    }

    @Test func `a response is a script, whatever its payload has`() throws {
        #expect(
            try call("j=0", "\"\\/\n\u{2028}é\u{2029}€\u{2027}</script>")
                == #"___eio[0]("\"\\/\n\u2028é\u2029€"# + "\u{2027}" + #"</script>");"#)
        #expect(try call("j=0", "\u{2028}\u{2028}") == #"___eio[0]("\u2028\u2028");"#)
    }

    @Test func `a payload is the field d of a form`() {
        #expect(payload("d=15%3A42%5B%22e%22%2C%22a+b%2B%C3%A9%22%5D") == #"15:42["e","a b+é"]"#)
        #expect(payload("x=1&d=2") == "2")
        #expect(payload("d=") == "")
        #expect(payload("x=1") == nil)
        #expect(payload("") == nil)
        for form in ["d=1%3A6&d=1%3A6", "d=4x&x=1&%64=4y", "d&d=4x"] { #expect(payload(form) == nil, "\(form)") }
    }

    @Test(arguments: [
        (#"a\nb"#, "a\nb"), (#"a\\nb"#, #"a\nb"#), (#"a\\\nb"#, #"a\\nb"#), (#"a\\\\nb"#, #"a\\\nb"#), (#"\\"#, #"\\"#),
        (#"n\"#, #"n\"#), (#"\n\n\\n"#, "\n\n\\n"), (#"\t\\t"#, #"\t\\t"#), (#"\xn"#, #"\xn"#),
    ])
    func `line ends and what looks like them come as the client wrote them`(field: String, expected: String) {
        let escaped = field.utf8.map { "%" + String($0, radix: 16, uppercase: true) }.joined()
        #expect(payload("d=\(escaped)") == expected)
    }
}
