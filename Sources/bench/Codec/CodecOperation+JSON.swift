import FoundationEssentials
import SocketIOWire

extension CodecOperation {
    /// Ours, on the JSON of a `Record`.
    static func json() throws -> [CodecOperation] {
        let record = Record(number: 0)
        let text = Array(try JSONText.encode(record).utf8)
        let value = try JSONCoding.decode(JSONValue.self, from: text.span, attachments: [])
        let writer = ByteWriter()
        let memory = JSONMemory()
        var arguments = ArgumentList()
        arguments.append(ScannedValue(0..<text.count, isPlainString: false))
        let list = arguments
        return [
            CodecOperation("json-scan") { count in
                for _ in 0..<count { try JSONScanner.validate(text.span, maximumDepth: 128) }
                return count
            },
            CodecOperation("json-parse") { count in
                var sum = 0
                for _ in 0..<count {
                    sum += try JSONCoding.decode(JSONValue.self, from: text.span, attachments: []).isNull ? 0 : 1
                }
                return sum
            },
            CodecOperation("json-write") { count in
                try repeatedly(count, writer) { attachments in writer.append(json: value, attachments: &attachments) }
            },
            CodecOperation("json-decode") { count in
                var sum = 0
                for _ in 0..<count {
                    var cursor = ArgumentList.Cursor()
                    sum += try cursor.decode(
                        Record.self, of: list, in: text.span, attachments: [], memory: memory
                    ).sentAt
                }
                return sum
            },
            CodecOperation("json-encode") { count in
                try repeatedly(count, writer) { attachments in
                    try JSONCoding.encode(record, into: writer, memory: memory, attachments: &attachments)
                }
            },
        ]
    }

    /// Foundation's, for scale.
    static func foundation() throws -> [CodecOperation] {
        let record = Record(number: 0)
        let text = Data(try JSONText.encode(record).utf8)
        let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
        return [
            CodecOperation("foundation-decode") { count in
                var sum = 0
                for _ in 0..<count { sum += try decoder.decode(Record.self, from: text).sentAt }
                return sum
            },
            CodecOperation("foundation-encode") { count in
                var sum = 0
                for _ in 0..<count { sum += try encoder.encode(record).count }
                return sum
            },
        ]
    }

    private static func repeatedly(
        _ count: Int, _ writer: ByteWriter, _ write: (inout [[UInt8]]) throws -> Void
    ) throws -> Int {
        var sum = 0
        var attachments: [[UInt8]] = []
        for _ in 0..<count {
            writer.truncate(to: 0)
            try write(&attachments)
            sum += writer.count
        }
        return sum
    }
}

extension JSONValue {
    fileprivate var isNull: Bool { self == .null }
}
