import SocketIOWire
import TestSupport
import Testing

/// What the official server of Engine.IO 3 sent and was sent, in recordings that are not part of the repository.
@Suite(.enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
struct OfficialRevision3Tests {
    private typealias Seen = EnginePayloadTests.Seen

    /// The packets of one polling payload.
    private func packets(of body: [UInt8]) throws -> [Seen] {
        var seen: [Seen] = []
        var payload = try EngineDialect.revision3.payload(of: body.span, maxPackets: 1000)
        while let packet = try payload.next(in: body.span) {
            switch packet {
            case .text(let type, let range): seen.append(.text(type, String(decoding: body[range], as: UTF8.self)))
            case .binary(let bytes): seen.append(.binary(bytes))
            }
        }
        return seen
    }

    /// A packet as the recording decodes it.
    private func packet(_ value: JSONValue) throws -> Seen {
        if let hex = value["$bin"].stringValue { return .binary(Array([UInt8](hex: hex).dropFirst())) }
        let text = Array(try #require(value.stringValue).utf8)
        if text.starts(with: Array("b4".utf8)) {
            return .binary(Base64.decodeForgiving(text.span.extracting(2..<text.count)))
        }
        let type = try #require(text.first.flatMap { EnginePacketType(rawValue: $0) })
        return .text(type, String(decoding: text.dropFirst(), as: UTF8.self))
    }

    private func written(_ packets: [Seen], asText: Bool) -> [UInt8] {
        let writer = ByteWriter()
        let outgoing: [EnginePacket] = packets.compactMap {
            switch $0 {
            case .text(let type, let content): .text(type, Array(content.utf8))
            case .binary(let bytes): .binary(bytes)
            case .violation: nil
            }
        }
        _ = EngineDialect.revision3.appendPayload(outgoing, asText: asText, to: writer)
        return writer.array()
    }

    @Test func `payloads are read as they were meant, and written as the official server does`() throws {
        var (read, same) = (0, 0)
        for entry in try OfficialVectors.entries("engineio-v3") {
            guard let encoding = entry["encoding"].stringValue, ["eio3-text", "eio3-binary"].contains(encoding),
                let decoded = entry["decoded"].arrayValue,
                let body = entry["hex"].stringValue.map({ [UInt8](hex: $0) })
                    ?? entry["text"].stringValue.map({ Array($0.utf8) })
            else { continue }
            let name = Comment(rawValue: entry["name"].stringValue ?? "")
            let expected = try decoded.map(packet)
            #expect(try packets(of: body) == expected, name)
            read += 1
            // A client may send what is text alone as bytes.
            guard entry["direction"].stringValue == "server → client" else { continue }
            #expect(written(expected, asText: encoding == "eio3-text") == body, name)
            same += 1
        }
        #expect(read > 40 && same > 25, "\(read), \(same)")
    }

    @Test func `scripts are those of the official server`() throws {
        var count = 0
        for entry in try OfficialVectors.entries("engineio-v3") where entry["encoding"].stringValue == "jsonp" {
            guard let script = entry["text"].stringValue, let payload = entry["decoded"]["payload"].stringValue else {
                continue
            }
            let index = try #require(entry["decoded"]["j"].stringValue)
            let jsonp = try #require(EngineJSONP(HTTPQuery(Array("j=\(index)".utf8))))
            let writer = ByteWriter()
            jsonp.append(Array(payload.utf8).span, to: writer)
            #expect(String(decoding: writer.array(), as: UTF8.self) == script)
            count += 1
        }
        #expect(count > 5)
    }
}
