internal import NetLoop
internal import SocketIOWire

extension EngineShard {
    /// Gives up the clients for whom most is held, one after the other, until what is left is within the loop's share of
    /// `limits.bufferedBytesTotal`.
    func makeRoom() {
        let total = loop.unsentBytes
        // What is still written, or shared until it is, shows only then who does not take it.
        loop.sendOutput()
        guard total.isOverLimit else { return }
        var given = 0
        for holder in holders() {
            guard total.count > total.reliefTarget else { break }
            holder.giveUp()
            given += 1
        }
        if given > 0 { log.madeRoom.note(times: given, on: loop) }
    }

    private enum Holder {
        case connection(TCPConnection, Int)
        case session(EngineSession, Int)

        var byteCount: Int {
            switch self {
            case .connection(_, let count), .session(_, let count): count
            }
        }

        func giveUp() {
            switch self {
            case .connection(let connection, _): connection.giveUp()
            case .session(let session, _): session.giveUp()
            }
        }
    }

    /// Those that hold something, the largest first.
    private func holders() -> [Holder] {
        var holders: [Holder] = []
        for connection in loop.tcpConnections where connection.heldByteCount > 0 {
            holders.append(.connection(connection, connection.heldByteCount))
        }
        for session in sessions.all where session.machine.heldByteCount > 0 {
            holders.append(.session(session, session.machine.heldByteCount))
        }
        return holders.sorted { $0.byteCount > $1.byteCount }
    }
}

extension EngineSession {
    /// The client does not fetch what waits for it.
    fileprivate func giveUp() {
        violate("the client does not take its packets", because: .slowConsumer)
        // One that was closed before waits for nothing any more.
        abandon(because: .slowConsumer)
    }
}
