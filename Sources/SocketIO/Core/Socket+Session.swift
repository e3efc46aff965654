internal import EngineIO
internal import NetLoop
package import SocketIOWire

/// The main namespace's socket hears its client's session itself: most messages are events for it, and nothing on
/// their way has to be looked up. All others go on to the client.
extension Socket: EngineSessionHandler {
    package func received(text: Span<UInt8>) {
        core.unchecked.receive(text, for: self)
    }

    package func received(binary: [UInt8]) {
        core.unchecked.client.received(binary: binary)
    }

    package func sessionClosed(_ reason: EngineCloseReason) {
        core.unchecked.client.sessionClosed(reason)
    }
}

extension SocketCore {
    /// A text message arrived.
    fileprivate func receive(_ text: Span<UInt8>, for socket: Socket) {
        guard isConnected, !client.isCollecting, PacketHead.isPlainEvent(text) else {
            return client.received(text: text)
        }
        do throws(ProtocolViolation) {
            let event = try EventPayload(
                parsingEvent: text, from: 1, limits: client.shard.packetLimits, memory: namespace.memory)
            try receive(event, text, attachments: [], id: nil, for: socket)
        } catch {
            client.violate(error)
        }
    }
}
