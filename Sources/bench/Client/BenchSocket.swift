import SocketIOClient
import Synchronization

/// One client socket under load: what it asks, and what it has to be answered.
final class BenchSocket: Sendable {
    /// What went wrong first, in any of the sockets.
    final class Faults: Sendable {
        private let first = Mutex<String?>(nil)

        func note(_ fault: String) {
            first.withLock { $0 = $0 ?? fault }
        }

        func check() throws(LoadFailure) {
            if let fault = first.withLock({ $0 }) { throw LoadFailure(fault) }
        }
    }

    private let manager: ClientManager
    private let socket: ClientSocket
    private let texts: [String]
    private let inFlight: Int
    private let faults: Faults
    private let isStopped = Atomic<Bool>(false)
    // The events of a socket are handled one after the other: only one thread at a time writes these two for `echo`.
    private let asked = Atomic<Int>(0)
    private let answered = Atomic<Int>(0)

    init(_ plan: ClientPlan, index: Int, faults: Faults) {
        manager = ClientManager(url: plan.url) { $0.transports = [.webSocket] }
        socket = manager.socket()
        texts = plan.texts(ofSocket: index)
        inFlight = plan.inFlight
        self.faults = faults
    }

    /// How many answers have come.
    var count: Int { answered.load(ordering: .relaxed) }

    var isSettled: Bool { asked.load(ordering: .acquiring) == answered.load(ordering: .acquiring) }

    func connect() async throws {
        socket.onDisconnect { [self] reason in
            if !isStopped.load(ordering: .relaxed) { faults.note("a socket is disconnected: \(reason)") }
        }
        socket.on("echo-string") { [self] (text: String) in receive(text) }
        try await socket.connect()
    }

    func close() async {
        await manager.close()
    }

    /// Asks no more.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    // MARK: Events that come back

    /// Asks once; the answer brings the others, from the thread on which all answers are handled: in order.
    func begin() {
        asked.store(1, ordering: .releasing)
        socket.emit("echo-string", texts[0])
    }

    private func receive(_ text: String) {
        let place = answered.load(ordering: .relaxed)
        var next = asked.load(ordering: .relaxed)
        guard place < next, text == texts[place % texts.count] else {
            return faults.note("the server sends something else than expected: \(text.prefix(100))")
        }
        answered.store(place + 1, ordering: .releasing)
        guard !isStopped.load(ordering: .relaxed) else { return }
        repeat {
            socket.emit("echo-string", texts[next % texts.count])
            next += 1
        } while next - place - 1 < inFlight
        asked.store(next, ordering: .releasing)
    }

    // MARK: Acknowledgements

    /// Asks again and again, until it is stopped.
    func ask(_ slot: Int) async {
        let text = texts[slot]
        while !isStopped.load(ordering: .relaxed) {
            asked.wrappingAdd(1, ordering: .relaxed)
            do throws(AckError) {
                let reply: String = try await socket.emitWithAck("ack-string", text)
                guard reply == text else { return faults.note("another's answer: \(reply.prefix(100))") }
                answered.wrappingAdd(1, ordering: .releasing)
            } catch {
                return faults.note("not acknowledged: \(error)")
            }
        }
    }
}
