internal import SocketIOWire

/// What came back for an acknowledgement: the first argument as JSON, empty if there is none.
package struct AckReply: Sendable {
    private let argument: [UInt8]
    private let attachments: [[UInt8]]

    package init(argument: [UInt8], attachments: [[UInt8]]) {
        self.argument = argument
        self.attachments = attachments
    }

    package func decode<Reply: Decodable>(as type: Reply.Type) throws(AckError) -> Reply {
        do {
            let bytes = argument.isEmpty ? Array("null".utf8) : argument
            return try JSONCoding.decode(type, from: bytes.span, attachments: attachments)
        } catch {
            throw AckError(.undecodableReply)
        }
    }
}
