import SocketIOWire
import Testing

@Suite struct EventArgumentsAccessTests {
    private func arguments(_ values: [String]) throws -> EventArguments {
        let text = Array("[\"name\" , \(values.joined(separator: " ,\n"))]".utf8)
        let payload = try EventPayload(parsingEvent: text.span, from: 0, limits: PacketLimits())
        var cursor = ArgumentList.Cursor()
        return try cursor.decode(
            EventArguments.self, of: payload.arguments, in: text.span, attachments: [], memory: JSONMemory())
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 10, 100, 5000])
    func `each argument is found, few or many, in any order`(count: Int) throws {
        let all = try arguments((0..<count).map { #"{"n":[\#($0),"a,b]",{}]}"# })
        #expect(all.count == count)
        for index in (0..<count).reversed() {
            #expect(try all.decode(JSONValue.self, at: index)["n"][0].intValue == index)
        }
        for index in [-1, count, count + 1] {
            #expect(throws: DecodingError.self) { try all.decode(JSONValue.self, at: index) }
        }
    }

    @Test(arguments: [0, 8])
    func `of whatever kind`(others: Int) throws {
        let kinds = [#""text""#, #""a\n""#, "1.5", "-3", "true", "null", "[1,2]", #"{"a":1}"#]
        let all = try arguments(kinds + Array(repeating: "0", count: others))
        #expect(try all.decode(String.self, at: 0) == "text")
        #expect(try all.decode(String.self, at: 1) == "a\n")
        #expect(try all.decode(Double.self, at: 2) == 1.5)
        #expect(try all.decode(Int.self, at: 3) == -3)
        #expect(try all.decode(Bool.self, at: 4))
        #expect(try all.decode(Int?.self, at: 5) == nil)
        #expect(try all.decode([Int].self, at: 6) == [1, 2])
        #expect(try all.decode([String: Int].self, at: 7) == ["a": 1])
        #expect(throws: DecodingError.self) { try all.decode(Int.self, at: 0) }
        #expect(all.values.count == all.count)
    }
}
