internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

extension SessionSockets {
    /// A middleware said no.
    func refuse(_ socket: Socket, _ error: any Error) {
        remove(socket)
        let namespace = socket.shard.wireName
        if let refusal = error as? ConnectionRefused {
            refuse(namespace, refusal.message, data: refusal.data.map { Self.encode($0) } ?? [])
        } else {
            // What went wrong inside is the application's business, not the client's (Protocol.md 5.2).
            refuse(namespace, "Connection refused", data: [])
            socket.report(error, in: .admitting)
        }
    }

    /// In the words of a middleware, which Socket.IO 2 has in another form.
    private func refuse(_ namespace: [UInt8], _ message: String, data: [UInt8]) {
        guard isOfVersion2 else { return refuse(namespace.span, message: message, data: data) }
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendError(namespace: namespace, message: message, data: data)
        sendScratch(from: start)
    }

    func refuse(_ namespace: Span<UInt8>, message: String, data: [UInt8]) {
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnectError(namespace: namespace, message: message, data: data)
        sendScratch(from: start)
    }

    private static func encode(_ data: some Encodable) -> [UInt8] {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        // A refusal without its data is better than none.
        guard (try? JSONCoding.encode(data, into: writer, attachments: &attachments)) != nil, attachments.isEmpty else {
            return []
        }
        return writer.array()
    }
}
