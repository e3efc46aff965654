import SocketIOWire
import TestSupport
import Testing

@Suite struct PacketHeadTests {
    /// A head with its parts copied out.
    struct Seen: Equatable, CustomStringConvertible {
        var type: PacketType
        var attachments = 0
        var namespace = ""
        var id: UInt64?
        var payload = ""

        var description: String { "\(type) \(attachments)- \(namespace), \(id.map(String.init) ?? "no id") \(payload)" }
    }

    private func parse(_ text: String, limits: PacketLimits = PacketLimits()) throws(ProtocolViolation) -> Seen {
        let bytes = Array(text.utf8)
        let head = try PacketHead(parsing: bytes.span, limits: limits)
        return Seen(
            type: head.type, attachments: head.attachmentCount,
            namespace: String(decoding: bytes[head.namespace], as: UTF8.self), id: head.id,
            payload: String(decoding: bytes[head.payloadStart...], as: UTF8.self))
    }

    private func violation(_ text: String, limits: PacketLimits = PacketLimits()) -> ProtocolViolation.Kind? {
        do throws(ProtocolViolation) {
            _ = try parse(text, limits: limits)
            return nil
        } catch {
            return error.kind
        }
    }

    // MARK: What a CONNECT brings

    private func connectPayload(of text: String) throws(ProtocolViolation) -> String {
        let bytes = Array(text.utf8)
        let limits = PacketLimits()
        let head = try PacketHead(parsing: bytes.span, limits: limits)
        return String(decoding: try head.connectPayload(of: bytes.span, limits: limits), as: UTF8.self)
    }

    @Test(arguments: [("0", ""), ("0/a,", ""), ("0{}", "{}"), ("0/a, {\"b\":[1]} ", " {\"b\":[1]} ")])
    func `a CONNECT brings an object, or nothing`(text: String, payload: String) throws {
        #expect(try connectPayload(of: text) == payload)
    }

    @Test(arguments: ["0[]", "0null", "0\"a\"", "0{", "0{}x", "0/a,true", "0 "])
    func `a CONNECT that brings anything else is malformed`(text: String) {
        #expect(throws: ProtocolViolation.self) { try connectPayload(of: text) }
    }

    // MARK: Well formed

    @Test(arguments: [
        ("0", Seen(type: .connect)),
        ("0/admin,{\"token\":\"abc\"}", Seen(type: .connect, namespace: "/admin", payload: "{\"token\":\"abc\"}")),
        ("2[\"hello\",1]", Seen(type: .event, payload: "[\"hello\",1]")),
        ("2/admin,12[\"delete\",7]", Seen(type: .event, namespace: "/admin", id: 12, payload: "[\"delete\",7]")),
        ("312[true]", Seen(type: .ack, id: 12, payload: "[true]")),
        (
            #"51-["upload",{"_placeholder":true,"num":0}]"#,
            Seen(type: .binaryEvent, attachments: 1, payload: #"["upload",{"_placeholder":true,"num":0}]"#)
        ),
    ])
    func `reads the examples of Protocol.md 4.1`(text: String, expected: Seen) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [
        ("0{}", Seen(type: .connect, payload: "{}")),
        ("0/", Seen(type: .connect)),
        ("0/,", Seen(type: .connect)),
        ("0/,{}", Seen(type: .connect, payload: "{}")),
        ("0/a", Seen(type: .connect, namespace: "/a")),
        ("0/a,", Seen(type: .connect, namespace: "/a")),
        ("0//", Seen(type: .connect, namespace: "//")),
        ("0/a/b?token=x&y=z,{}", Seen(type: .connect, namespace: "/a/b?token=x&y=z", payload: "{}")),
        ("0/€𐍈,", Seen(type: .connect, namespace: "/€𐍈")),
        ("0/a b[1]{}\",", Seen(type: .connect, namespace: "/a b[1]{}\"")),
        ("1", Seen(type: .disconnect)),
        ("1/admin,", Seen(type: .disconnect, namespace: "/admin")),
        ("1{}", Seen(type: .disconnect, payload: "{}")),
        ("15", Seen(type: .disconnect, id: 5)),
        ("2", Seen(type: .event)),
        ("20[\"a\"]", Seen(type: .event, id: 0, payload: "[\"a\"]")),
        ("2007[\"a\"]", Seen(type: .event, id: 7, payload: "[\"a\"]")),
        ("2/a,[\"b\"]", Seen(type: .event, namespace: "/a", payload: "[\"b\"]")),
        ("2/a,,[\"b\"]", Seen(type: .event, namespace: "/a", payload: ",[\"b\"]")),
        ("2/12,3[]", Seen(type: .event, namespace: "/12", id: 3, payload: "[]")),
        ("2[\"/a,\"]", Seen(type: .event, payload: "[\"/a,\"]")),
        ("21-[]", Seen(type: .event, id: 1, payload: "-[]")),
        ("3", Seen(type: .ack)),
        ("3/a,0[]", Seen(type: .ack, namespace: "/a", id: 0, payload: "[]")),
        ("4{\"message\":\"x\"}", Seen(type: .connectError, payload: "{\"message\":\"x\"}")),
        ("4/a,\"x\"", Seen(type: .connectError, namespace: "/a", payload: "\"x\"")),
        ("50-[\"a\"]", Seen(type: .binaryEvent, payload: "[\"a\"]")),
        ("510-[\"a\"]", Seen(type: .binaryEvent, attachments: 10, payload: "[\"a\"]")),
        ("500001-[\"a\"]", Seen(type: .binaryEvent, attachments: 1, payload: "[\"a\"]")),
        ("52-/a,7[\"b\"]", Seen(type: .binaryEvent, attachments: 2, namespace: "/a", id: 7, payload: "[\"b\"]")),
        ("51-", Seen(type: .binaryEvent, attachments: 1)),
        ("51-7", Seen(type: .binaryEvent, attachments: 1, id: 7)),
        ("51--1", Seen(type: .binaryEvent, attachments: 1, payload: "-1")),
        ("61-/a,7[{}]", Seen(type: .binaryAck, attachments: 1, namespace: "/a", id: 7, payload: "[{}]")),
    ])
    func `reads every part, present or not`(text: String, expected: Seen) throws {
        #expect(try parse(text) == expected)
    }

    @Test func `takes ids up to what a JavaScript number holds exactly`() throws {
        #expect(try parse("29007199254740991[]").id == 9_007_199_254_740_991)
        #expect(try parse("20000000000000001[]").id == 1)
        #expect(violation("29007199254740992[]") == .malformed)
        #expect(violation("29999999999999999[]") == .malformed)
        #expect(violation("210000000000000000[]") == .malformed)
        #expect(violation("200000000000000000[]") == .malformed, "17 digits, however small")
    }

    // MARK: Hostile

    @Test(arguments: [
        "", "7", "8[]", "9", "a", "-", " 2[]", "+2[]", "/a,", "\u{0}", "[\"a\"]", "２[\"a\"]", "\u{FEFF}2[]", "€",
    ])
    func `refuses what begins with no type`(text: String) {
        #expect(violation(text) == .malformed)
    }

    @Test func `refuses every other first byte`() {
        for byte in UInt8.min...UInt8.max where !(0x30...0x36).contains(byte) {
            let bytes = [byte, UInt8(ascii: "1"), UInt8(ascii: "-")]
            #expect(throws: ProtocolViolation.self) { try PacketHead(parsing: bytes.span, limits: PacketLimits()) }
        }
    }

    @Test(arguments: [
        "5", "6", "5[\"a\"]", "5-[\"a\"]", "51", "51[\"a\"]", "51e9-[\"a\"]", "51e0-", "50x1-", "5-1-", "5+1-", "5 1-",
        "5 -", "51 -", "51.0-", "5１-", "5\u{0}-", "5/a,1-[]", "59999999999-", "59999999999999999999999999-[\"a\"]",
        "518446744073709551617-", "6-", "61e1-[]", "5NaN-", "5Infinity-", "5null-",
    ])
    func `refuses an attachment count that is missing or not digits`(text: String) {
        #expect(violation(text) == .malformed)
    }

    @Test func `refuses more attachments than are allowed`() throws {
        var limits = PacketLimits()
        #expect(try parse("510-", limits: limits).attachments == 10)
        #expect(violation("511-", limits: limits) == .tooBig)
        #expect(violation("59999-", limits: limits) == .tooBig)
        limits.attachments = 0
        #expect(try parse("50-", limits: limits).attachments == 0)
        #expect(violation("61-", limits: limits) == .tooBig)
    }

    @Test(arguments: [400, 17, 100_000])
    func `refuses an id of many digits`(count: Int) {
        #expect(violation("2" + String(repeating: "9", count: count) + "[\"a\"]") == .malformed)
        #expect(violation("2" + String(repeating: "0", count: count) + "[\"a\"]") == .malformed)
        #expect(violation("3/a," + String(repeating: "1", count: count)) == .malformed)
    }

    @Test(arguments: [
        " [\"a\"]", "+1[\"a\"]", "-1[\"a\"]", "１[\"a\"]", "٣[\"a\"]", "\n[\"a\"]", "\u{A0}[\"a\"]", "e1[\"a\"]",
    ])
    func `takes only ASCII digits for an id: the rest is payload, and none`(rest: String) throws {
        #expect(try parse("2" + rest) == Seen(type: .event, payload: rest))
        let bytes = Array(("2" + rest).utf8)
        #expect(throws: ProtocolViolation.self) {
            try EventPayload(parsingEvent: bytes.span, from: 1, limits: PacketLimits())
        }
    }

    @Test func `an id ends with its last digit`() throws {
        #expect(try parse("21 [\"a\"]") == Seen(type: .event, id: 1, payload: " [\"a\"]"))
        #expect(try parse("21e9[\"a\"]") == Seen(type: .event, id: 1, payload: "e9[\"a\"]"))
        #expect(try parse("21.5[\"a\"]") == Seen(type: .event, id: 1, payload: ".5[\"a\"]"))
    }

    @Test func `refuses a namespace over its limit, comma or not`() throws {
        var limits = PacketLimits()
        limits.namespaceBytes = 5
        #expect(try parse("0/abcd,", limits: limits).namespace == "/abcd")
        #expect(try parse("0/abcd", limits: limits).namespace == "/abcd")
        #expect(try parse("0/€a,", limits: limits).namespace == "/€a")
        #expect(violation("0/abcde,", limits: limits) == .tooBig)
        #expect(violation("0/abcde", limits: limits) == .tooBig)
        #expect(violation("0/€ab,", limits: limits) == .tooBig)
        #expect(violation("0/" + String(repeating: "a", count: 1_000_000)) == .tooBig)
        #expect(try parse("0/" + String(repeating: "a", count: 511) + ",{}").payload == "{}")
        #expect(violation("0/" + String(repeating: "a", count: 512) + ",{}") == .tooBig)
    }

    @Test(arguments: [
        "0/admin,{\"token\":\"abc\"}", "2/admin,12[\"delete\",7]", "51-/a,7[\"u\",{\"_placeholder\":true,\"num\":0}]",
        "61-/a,9007199254740991[{}]",
    ])
    func `a packet cut off anywhere is read as far as it goes, or refused`(text: String) throws {
        let whole = Array(text.utf8)
        for end in 0...whole.count {
            let bytes = Array(whole[..<end])
            guard let head = try? PacketHead(parsing: bytes.span, limits: PacketLimits()) else {
                // Only what has no type, or a count without its dash.
                #expect(end == 0 || (text.hasPrefix("5") || text.hasPrefix("6")) && end < 3)
                continue
            }
            #expect(head.namespace.upperBound <= head.payloadStart && head.payloadStart <= end)
        }
    }

    @Test func `survives mutated packets and keeps every range inside them`() {
        var random = SeededGenerator(seed: 11)
        let seeds = [
            "0/admin,{\"token\":\"abc\"}", "2/admin,12[\"delete\",7]", "312[true]", "51-[\"u\",{\"num\":0}]",
            "61-/a,7[{}]", "1/admin,", "2900719925474099[]", "0/",
        ].map { Array($0.utf8) }
        for round in 0..<200_000 {
            let bytes = random.mutate(seeds[round % seeds.count])
            guard let head = try? PacketHead(parsing: bytes.span, limits: PacketLimits()) else { continue }
            precondition(head.namespace.lowerBound >= 1 && head.namespace.upperBound <= head.payloadStart)
            precondition(head.payloadStart <= bytes.count)
            precondition(head.namespace.isEmpty || bytes[head.namespace.lowerBound] == UInt8(ascii: "/"))
            precondition(!bytes[head.namespace].contains(UInt8(ascii: ",")))
            precondition(head.id ?? 0 <= PacketHead.maxID)
            precondition((0...10).contains(head.attachmentCount))
            precondition(head.type.isBinary || head.attachmentCount == 0)
        }
    }
}
