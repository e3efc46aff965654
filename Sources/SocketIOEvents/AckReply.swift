internal import SocketIOWire

/// What came back for an acknowledgement.
package struct AckReply: Sendable {
    /// As they came.
    package let arguments: EventArguments

    package init(_ arguments: EventArguments) {
        self.arguments = arguments
    }

    /// The first argument, `null` if there is none; or all of them, as `EventArguments`.
    package func decode<Reply: Decodable>(as type: Reply.Type) throws(AckError) -> Reply {
        do {
            if type == EventArguments.self, let all = arguments as? Reply { return all }
            guard arguments.count > 0 else {
                return try JSONCoding.decode(type, from: Array("null".utf8).span, attachments: [])
            }
            return try arguments.decode(type, at: 0)
        } catch {
            throw AckError(.undecodableReply)
        }
    }
}
