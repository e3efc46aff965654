internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a socket is asked for behind events that an adapter keeps, and that have not come back from there yet.
struct BehindKept: LoopMessage {
    enum Work: Sendable {
        /// The acknowledgement is awaited already.
        case ask(EncodedPacket, id: UInt64)
        case disconnect(closesConnection: Bool)

        var byteCount: Int {
            switch self {
            case .ask(let packet, id: _): packet.byteCount
            case .disconnect: 0
            }
        }
    }

    let socket: Socket
    let work: Work

    func deliver(on loop: EventLoop) {
        let core = SocketCore(socket)
        switch work {
        case .ask(let packet, let id): core.ask(packet, id: id)
        case .disconnect(let closesConnection): core.disconnectNow(closingConnection: closesConnection)
        }
    }
}

extension SocketCore {
    /// Has `work` done behind what was sent before it; false if nothing is in front of it.
    func waitsForKept(_ work: BehindKept.Work) -> Bool {
        guard shard.server.recovery?.isAcrossNodes == true, isConnected else { return false }
        return shard.namespace.cluster.afterKept(work.byteCount) { [socket] in
            socket.loop.post(BehindKept(socket: socket, work: work))
        }
    }
}
