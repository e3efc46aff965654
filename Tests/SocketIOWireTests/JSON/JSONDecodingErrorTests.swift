import SocketIOWire
import Testing

@Suite struct JSONDecodingErrorTests {
    struct Message: Codable, Equatable {
        struct Author: Codable, Equatable {
            var id: Int
            var name: String?
        }
        var authors: [Author]
        var tags: [String: [Bool]]
    }

    private func error<T: Decodable>(_ text: String, as type: T.Type = Message.self) -> String {
        do {
            _ = try JSONCoding.decode(type, from: Array(text.utf8).span, attachments: [])
            return "none"
        } catch DecodingError.typeMismatch(_, let context) {
            return "\(path(context)): \(context.debugDescription)"
        } catch DecodingError.valueNotFound(_, let context) {
            return "\(path(context)): \(context.debugDescription)"
        } catch DecodingError.keyNotFound(let key, let context) {
            return "\(path(context)): no \(key.stringValue)"
        } catch DecodingError.dataCorrupted(let context) {
            return "\(path(context)): \(context.debugDescription)"
        } catch {
            return "\(error)"
        }
    }

    private func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }

    @Test(arguments: [
        (#"{"authors":[{"id":1},{"id":"2"}],"tags":{}}"#, "authors.1.id: Expected Int, found a string."),
        (#"{"authors":[{"id":1,"name":2}],"tags":{}}"#, "authors.0.name: Expected String, found a number."),
        (#"{"authors":[{"name":"x"}],"tags":{}}"#, "authors.0: no id"),
        (#"{"authors":[{"id":null}],"tags":{}}"#, "authors.0.id: Expected Int, found null."),
        (#"{"authors":[{"id":1.5}],"tags":{}}"#, "authors.0.id: This number is not a Int."),
        (#"{"authors":[],"tags":{"a":[true],"b":[true,{}]}}"#, "tags.b.1: Expected Bool, found an object."),
        (#"{"authors":{},"tags":{}}"#, "authors: Expected Array<JSONValue>, found an object."),
        (#"{"authors":[3],"tags":{}}"#, "authors.0: Expected Dictionary<String, JSONValue>, found a number."),
        (#"{"tags":{}}"#, ": no authors"), ("[]", ": Expected Dictionary<String, JSONValue>, found an array."),
        ("nul", ": This is not JSON."), ("", ": This is not JSON."),
    ])
    func `errors name the way to the value`(text: String, expected: String) {
        #expect(error(text) == expected)
    }

    @Test func `scalars of the wrong kind are refused`() {
        #expect(error("1", as: String.self) == ": Expected String, found a number.")
        #expect(error(#""1""#, as: Int.self) == ": Expected Int, found a string.")
        #expect(error("null", as: Bool.self) == ": Expected Bool, found null.")
        #expect(error("1", as: Bool.self) == ": Expected Bool, found a number.")
        #expect(error("1e999", as: Double.self) == ": This number is too large for a Double.")
        #expect(error("[1,2]", as: [String].self) == "0: Expected String, found a number.")
    }

    struct Pair: Decodable {
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            _ = try container.decode(Int.self)
            // Does not advance, so that the value can be tried as something else.
            #expect(throws: DecodingError.self) { try container.decode(Int.self) }
            _ = try container.decode(String.self)
            #expect(container.isAtEnd && container.currentIndex == 2 && container.count == 2)
            _ = try container.decode(Int.self)
        }
    }

    @Test func `an array that is too short is refused`() {
        #expect(error(#"[1,"a"]"#, as: Pair.self) == "2: The array has no more values.")
    }

    @Test func `hostile objects take linear time`() throws {
        let members = (0..<50_000).map { #""k\#($0 % 40_000)":\#($0)"# }
        let text = "{\(members.joined(separator: ","))}"
        let decoded = try JSONCoding.decode([String: Int].self, from: Array(text.utf8).span, attachments: [])
        #expect(decoded.count == 40_000)
        #expect(decoded["k5"] == 40_005)
        let value = try JSONCoding.decode(JSONValue.self, from: Array(text.utf8).span, attachments: [])
        #expect(value.objectValue?.count == 40_000)
        #expect(value["k5"] == 40_005)
        #expect(value.objectValue?.first?.key == "k0")
    }

    @Test func `mutated messages are decoded or refused, never a crash`() {
        var random = JSONTestRandom(seed: 5)
        let sample = Array(
            #"{"authors":[{"id":1,"name":"a\u00e9"},{"id":2,"name":null}],"tags":{"x":[true,false],"y":[]}}"#.utf8)
        var decoded = 0
        for _ in 0..<50_000 {
            let bytes = random.mutate(sample)
            if (try? JSONCoding.decode(Message.self, from: bytes.span, attachments: [])) != nil { decoded += 1 }
            _ = try? JSONCoding.decode(JSONValue.self, from: bytes.span, attachments: [[1]])
            _ = try? JSONCoding.decode(String.self, from: bytes.span, attachments: [])
            _ = try? JSONCoding.decode(Double.self, from: bytes.span, attachments: [])
            _ = try? JSONCoding.decode(Int.self, from: bytes.span, attachments: [])
        }
        #expect(decoded > 500)
    }

    @Test func `a message cut off anywhere is refused`() {
        let sample = Array(#"{"authors":[{"id":1,"name":"a"}],"tags":{"x":[true]}}"#.utf8)
        for length in 0..<sample.count {
            #expect(throws: DecodingError.self) {
                try JSONCoding.decode(Message.self, from: sample.span.extracting(0..<length), attachments: [])
            }
        }
    }
}
