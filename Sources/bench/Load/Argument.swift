import SocketIOWire

/// The argument of an event.
struct Argument {
    /// As JSON; a placeholder for bytes.
    let json: String
    private let attachment: [UInt8]?

    init(_ payload: Payload, connection: Int, slot: Int) {
        // Fixed widths, so that all are of one size.
        let label = Self.label(connection, slot)
        switch (payload.kind, payload.handler) {
        case (_, .typed):
            json = Record(number: connection * 1000 + slot).json
            attachment = nil
        case (.string, _):
            json = "\"\(Self.text(payload.bytes, label))\""
            attachment = nil
        case (.object, _):
            let rest = payload.bytes - #"{"text":""}"#.utf8.count
            json = #"{"text":"\#(Self.text(max(rest, 0), label))"}"#
            attachment = nil
        case (.binary, _):
            json = #"{"_placeholder":true,"num":0}"#
            attachment = Array(Self.text(payload.bytes, label).utf8)
        }
    }

    /// The messages of the event with this argument.
    func event(_ name: String) -> [Message] {
        guard let attachment else { return [.text(#"42["\#(name)",\#(json)]"#)] }
        return [.text(#"451-["\#(name)",\#(json)]"#), .binary(attachment)]
    }

    /// As a server-sent event, which is a chunk of its own (RFC 9112 7.1).
    var chunk: [UInt8] {
        let event = ByteWriter()
        ServerSentEvent.append(Array(json.utf8.dropFirst().dropLast()).span, event: nil, id: nil, retry: nil, to: event)
        let writer = ByteWriter()
        var body = HTTPBodyWriter(.chunked)
        _ = body.beginPiece(of: event.count, into: writer)
        writer.append(contentsOf: event, from: 0)
        body.endPiece(into: writer)
        return writer.array()
    }

    /// A text of so many bytes that only this place of this connection has.
    static func text(_ count: Int, connection: Int, slot: Int) -> String {
        text(count, label(connection, slot))
    }

    private static func label(_ connection: Int, _ slot: Int) -> String {
        "\(1_000_000 + connection)/\(1_000_000 + slot) "
    }

    private static func text(_ count: Int, _ label: String) -> String {
        let filler = "the quick brown fox jumps over the lazy dog, "
        var text = label
        while text.utf8.count < count { text += filler }
        return String(text.prefix(count))
    }
}

extension Record {
    fileprivate var json: String {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        do {
            try JSONCoding.encode(self, into: writer, attachments: &attachments)
        } catch {
            preconditionFailure("a record that cannot be encoded: \(error)")
        }
        return String(decoding: writer.array(), as: UTF8.self)
    }
}
