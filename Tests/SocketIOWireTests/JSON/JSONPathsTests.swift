import Testing

@testable import SocketIOWire

@Suite struct JSONPathsTests {
    /// A document, and the way to each of its values in the order of the text, as `a.0.b`.
    private struct Sample {
        var text = ""
        var ways: [String] = []

        mutating func add(depth: Int, way: [String], _ random: inout JSONTestRandom) {
            ways.append(way.joined(separator: "."))
            let count = Int.random(in: 0..<5, using: &random)
            switch depth > 0 ? Int.random(in: 0..<4, using: &random) : 3 {
            case 0, 1:
                text += "["
                for index in 0..<count {
                    if index > 0 { text += "," }
                    add(depth: depth - 1, way: way + ["\(index)"], &random)
                }
                text += "]"
            case 2:
                text += "{"
                for index in 0..<count {
                    let key = Bool.random(using: &random) ? "k\(index)" : "a longer key \(index)"
                    text += (index > 0 ? "," : "") + "\"\(key)\":"
                    add(depth: depth - 1, way: way + [key], &random)
                }
                text += "}"
            default: text += ["1", "null", "\"text\"", "true"].randomElement(using: &random)!
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `ways are right in whatever order they are asked for`(seed: UInt64) throws {
        var random = JSONTestRandom(seed: seed)
        var sample = Sample()
        sample.add(depth: 6, way: [], &random)
        let bytes = Array(sample.text.utf8)
        let document = JSONDocument(KnownTypes())
        try document.scanAll(bytes.span, maximumDepth: 512)
        document.attach(bytes.span, [])
        // All nodes but those of keys, whose `next` is before them.
        let values = (0..<document.nodes.count).filter { Int(document.nodes[$0].next) > $0 }
        try #require(values.count == sample.ways.count)
        for (value, way) in zip(values, sample.ways).shuffled(using: &random) {
            #expect(document.path(to: value).map(\.stringValue).joined(separator: ".") == way)
        }
        #expect(document.path(to: JSONDocument.absent).isEmpty)
    }

    @Test func `a document that is used again has other ways`() throws {
        let document = JSONDocument(KnownTypes())
        for (text, way) in [("[1,[2]]", "1.0"), (#"{"a":1,"b":{"c":2}}"#, "b.c"), ("[[],[],[[3]]]", "2.0.0")] {
            let bytes = Array(text.utf8)
            try document.scanAll(bytes.span, maximumDepth: 512)
            document.attach(bytes.span, [])
            let last = document.nodes.count - 1
            #expect(document.path(to: last).map(\.stringValue).joined(separator: ".") == way)
            document.removeAll()
        }
    }

    @Test func `values are counted once, and anew in another document`() throws {
        let document = JSONDocument(KnownTypes())
        for count in [0, 1, 2, 1000, 3] {
            let text = Array("[\(Array(repeating: "[1,{}]", count: count).joined(separator: ","))]".utf8)
            try document.scanAll(text.span, maximumDepth: 512)
            document.attach(text.span, [])
            #expect(document.nodes[0].count == nil)
            #expect(document.count(at: 0) == count)
            #expect(document.nodes[0].count == count)
            #expect(document.count(at: 0) == count)
            if count > 0 { #expect(document.count(at: 1) == 2) }
            document.removeAll()
        }
    }
}
