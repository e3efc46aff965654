internal import EngineIO
internal import NetLoop
internal import SocketIOWire

/// What waits until the client has taken what one socket had been sent: tasks, and the newest events of some names. Lives on
/// the socket's loop.
final class OutputWatch {
    typealias Waiter = CheckedContinuation<Bool, Never>

    private struct Placed {
        let waiter: Waiter
        /// How much the client has taken then, of all that had to wait.
        let target: Int
    }

    /// Let go of with the socket's end.
    private let socket: Socket
    /// What they wait for has not been offered to the kernel yet, or waits for a poll.
    private var arrived = DepartureQueue<Waiter>()
    private var placed = DepartureQueue<Placed>()
    private var latest = LatestPackets()

    /// For `socket`, which drops it once nothing waits.
    init(of socket: Socket) {
        self.socket = socket
    }

    private var isEmpty: Bool { arrived.isEmpty && placed.isEmpty && latest.isEmpty }
    var hasLatest: Bool { !latest.isEmpty }

    /// Waits for all that has been sent by now; looks with the end of this turn.
    func add(_ waiter: Waiter, id: UInt64) {
        if arrived.isEmpty { socket.loop.whenTurnEnds(self) }
        arrived.append(waiter, id: id)
    }

    func cancel(_ id: UInt64) {
        let waiter = arrived.remove(id) ?? placed.remove(id)?.waiter
        dropIfEmpty()
        waiter?.resume(returning: false)
    }

    // MARK: Newest events

    /// Keeps an event until the client can take it, in place of an older one of its name. One too many is dropped.
    func keepLatest(_ packet: EncodedPacket, name: [UInt8]) {
        let server = socket.shard.server
        let before = latest.byteCount
        let limit = min(server.limits.latestBytes, server.latestBytesLimit - server.latestBytes + before)
        if latest.keep(packet, name: name, limit: limit) {
            server.latestBytes += latest.byteCount - before
        } else {
            server.engine.limitCounts.note("latestBytes")
        }
        if latest.isEmpty { dropIfEmpty() } else { socket.session.whenTaken(self) }
    }

    /// What can be sent by now.
    private func takeLatest() -> [EncodedPacket] {
        guard hasLatest, socket.session.isWritable else { return [] }
        socket.shard.server.latestBytes -= latest.byteCount
        return latest.takeAll()
    }

    /// The socket is gone.
    func end() {
        socket.shard.server.latestBytes -= latest.byteCount
        latest = LatestPackets()
        let waiters = placed.elements.map(\.waiter) + arrived.elements
        placed.removeAll()
        arrived.removeAll()
        for waiter in waiters { waiter.resume(returning: false) }
    }

    private func dropIfEmpty() {
        if isEmpty { SocketCore(socket).dropOutputWatch() }
    }

    /// Those whose bytes are with the kernel by now, or in the answer to a poll.
    private func takeReady() -> [Waiter] {
        let session = socket.session
        let unsent = session.unsentByteCount
        var ready: [Waiter] = []
        if unsent == 0 {
            ready = placed.elements.map(\.waiter) + arrived.elements
            placed.removeAll()
            arrived.removeAll()
        } else if let taken = session.takenByteCount {
            while let first = placed.first, first.element.target <= taken, let next = placed.removeFirst() {
                ready.append(next.waiter)
            }
            while let id = arrived.first?.id, let waiter = arrived.removeFirst() {
                placed.append(Placed(waiter: waiter, target: taken + unsent), id: id)
            }
        }
        return ready
    }
}

extension OutputWatch: TurnEndTarget {
    func turnEnds() {
        guard !isEmpty else { return }
        // What this turn has sent is offered before anybody asks what is left of it.
        if !arrived.isEmpty { socket.loop.sendOutput() }
        let ready = takeReady()
        let packets = takeLatest()
        if isEmpty { dropIfEmpty() } else { socket.session.whenTaken(self) }
        // Not volatile: the first may leave something waiting, and these are the last of their names.
        // Not compressed: one of them may be what must not be.
        for packet in packets { SocketCore(socket).sendOtherwise(packet, [.passing, .uncompressed]) }
        for waiter in ready { waiter.resume(returning: true) }
    }
}

extension SocketCore {
    func awaitDrain(_ waiter: OutputWatch.Waiter, id: UInt64) {
        guard socket.isReachable else { return waiter.resume(returning: false) }
        madeOutputWatch().add(waiter, id: id)
    }

    func madeOutputWatch() -> OutputWatch {
        let extras = madeExtras()
        let watch = extras.output ?? OutputWatch(of: socket)
        extras.output = watch
        return watch
    }

    func cancelDrain(_ id: UInt64) { extras?.output?.cancel(id) }

    fileprivate func dropOutputWatch() {
        extras?.output = nil
        dropEmptyExtras()
    }
}
