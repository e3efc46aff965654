import Foundation
import SocketIOWire
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONCoding.decode(JSONValue.self, from: Array(text.utf8).span, attachments: [])
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-1", "1.5", #""a\n""#, "[]", "{}", #"[1,[2,{"a":null}],"x"]"#,
        #"{"b":1,"a":{"c":[true]},"":0.25}"#,
    ])
    func `is written as it was read`(text: String) throws {
        #expect(try parse(text).description == text)
    }

    @Test func `literals and subscripts`() {
        var value: JSONValue = ["name": "Ada", "list": [1, 2.5, nil, true, "\(1 + 1)"], "inner": ["x": -1]]
        #expect(value["name"].stringValue == "Ada")
        #expect(value["list"][0].intValue == 1)
        #expect(value["list"][1].doubleValue == 2.5)
        #expect(value["list"][2].isNull)
        #expect(value["list"][3].boolValue == true)
        #expect(value["list"][4] == "2")
        #expect(value["list"][5] == nil)
        #expect(value["nothing"]["at"]["all"][3] == .null)
        #expect(value["list"][-1].isNull)
        value["inner"]["y"]["z"] = 3
        value["list"][0] = "one"
        value["list"][9] = "ignored"
        value["name"]["x"] = "ignored"
        #expect(value.description == #"{"name":"Ada","list":["one",2.5,null,true,"2"],"inner":{"x":-1,"y":{"z":3}}}"#)
    }

    @Test func `values within values are changed in place`() {
        let numbers = (0..<2000).map { JSONValue.integer(Int64($0)) }
        var value: JSONValue = ["a": ["list": .array(numbers)], "b": 1]
        let copy = value
        func address(_ value: JSONValue) -> Int? {
            value["a"]["list"].arrayValue.map { unsafe $0.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }
        }
        value["a"]["list"][0] = "first"
        let before = address(value)
        for index in 1..<numbers.count { value["a"]["list"][index] = .string("\(index)") }
        #expect(address(value) == before, "a copy would be elsewhere")
        #expect(value["a"]["list"][1999] == "1999" && copy["a"]["list"][1999] == 1999)
        value["a"]["new"]["er"] = nil
        value["b"]["c"] = 2
        #expect(value["a"].objectValue?.keys == ["list", "new"] && value["b"] == 1)
    }

    @Test func `accessors give nil for other kinds`() {
        #expect(JSONValue.string("1").intValue == nil)
        #expect(JSONValue.number(1.5).intValue == nil)
        #expect(JSONValue.number(4).intValue == 4)
        #expect(JSONValue.number(.infinity).intValue == nil)
        #expect(JSONValue.number(.nan).intValue == nil)
        #expect(JSONValue.integer(3).doubleValue == 3)
        #expect(JSONValue.null.boolValue == nil)
        #expect(JSONValue.null.arrayValue == nil)
        #expect(JSONValue.binary([1]).binaryValue == [1])
        #expect(JSONValue.bool(true).objectValue == nil)
    }

    @Test func `whole numbers are equal however they are held`() {
        #expect(JSONValue.integer(3) == .number(3))
        #expect(JSONValue.integer(3).hashValue == JSONValue.number(3).hashValue)
        #expect(JSONValue.integer(3) != .number(3.5))
        #expect(JSONValue.integer(.max) != .number(0x1p63))
        #expect(JSONValue.number(0) == .number(-0.0))
        #expect(JSONValue.number(0).hashValue == JSONValue.number(-0.0).hashValue)
        #expect(JSONValue.null != .bool(false))
    }

    @Test func `objects are equal in any order, and keep theirs`() {
        let one: JSONObject = ["a": 1, "b": 2]
        let other: JSONObject = ["b": 2, "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one.keys == ["a", "b"])
        #expect(other.keys == ["b", "a"])
        #expect(one != ["a": 1, "b": 3])
        #expect(one != ["a": 1])
    }

    @Test func `the last value of a key stands in the first one's place`() throws {
        #expect(try parse(#"{"a":1,"b":2,"a":3}"#).description == #"{"a":3,"b":2}"#)
        #expect(JSONObject(dictionaryLiteral: ("a", 1), ("b", 2), ("a", 3)).description == #"{"a":3,"b":2}"#)
    }

    @Test func `members can be added and removed, few or many`() {
        var object = JSONObject()
        var reference: [(String, Int64)] = []
        var random = JSONTestRandom(seed: 6)
        for step in 0..<2000 {
            let key = "k\(Int.random(in: 0..<40, using: &random))"
            if Bool.random(using: &random) {
                object[key] = nil
                reference.removeAll { $0.0 == key }
            } else {
                object[key] = .integer(Int64(step))
                if let place = reference.firstIndex(where: { $0.0 == key }) {
                    reference[place].1 = Int64(step)
                } else {
                    reference.append((key, Int64(step)))
                }
            }
            #expect(object.keys == reference.map(\.0))
            #expect(object[key]?.intValue.map(Int64.init) == reference.first { $0.0 == key }?.1)
        }
    }

    @Test func `other encoders and decoders can carry it`() throws {
        let value: JSONValue = ["a": [1, 2.5, nil, true, "x"], "b": ["c": -7]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
        let object: JSONObject = ["k": [1]]
        #expect(try JSONDecoder().decode(JSONObject.self, from: JSONEncoder().encode(object)) == object)
    }

    @Test func `an object can be a payload itself`() throws {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        let object: JSONObject = ["k": [1], "b": .binary([1])]
        try JSONCoding.encode(["o": object], into: writer, attachments: &attachments)
        #expect(writer.array() == Array(#"{"o":{"k":[1],"b":{"_placeholder":true,"num":0}}}"#.utf8))
        let back = try JSONCoding.decode([String: JSONObject].self, from: writer.array().span, attachments: attachments)
        #expect(back == ["o": object])
        #expect(throws: DecodingError.self) {
            try JSONCoding.decode(JSONObject.self, from: Array("[]".utf8).span, attachments: [])
        }
    }
}
