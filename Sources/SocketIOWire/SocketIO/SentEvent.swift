/// An event of this side, read again for whoever wants to know what is sent.
package struct SentEvent {
    package let name: String
    package let arguments: [JSONValue]

    /// Nil for what is no event, or nests deeper than the limits say.
    ///
    /// - Parameter text: The packet, without the Engine.IO type.
    package init?(_ text: Span<UInt8>, attachments: [[UInt8]], limits: PacketLimits) {
        guard let head = try? PacketHead(parsing: text, limits: limits), head.type.isEvent,
            let event = try? EventPayload(parsingEvent: text, from: head.payloadStart, limits: limits)
        else { return nil }
        name = JSONString.decode(text.extracting(event.name))
        arguments = event.arguments.values(in: text, attachments: attachments)
    }
}
