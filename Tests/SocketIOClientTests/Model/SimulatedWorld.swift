import NetLoop
import SocketIOEvents
import SocketIOWire
import TestSupport

@testable import SocketIOClient

/// A client and its server in one thread, in a time that stands still until it is moved: a run of random actions, the
/// same for the same seed.
///
/// `@unchecked Sendable`: only the thread that steps the loop touches it.
final class SimulatedWorld: Simulation, @unchecked Sendable {
    static let namespaces = ["/", "/a", "/b"]

    let seed: UInt64
    private(set) var faults: [String] = []
    private var random: SeededGenerator
    private let loop: EventLoop
    private let time: ManualTime
    private var manager: ClientManager!
    fileprivate var clients: [String: SimulatedClient] = [:]
    fileprivate var sessions: [SimulatedSession] = []
    private var auths: [CheckedContinuation<Void, Never>] = []
    private var lastID = 0
    private var lastNumber = 0
    private var log: [String] = []
    /// Nobody does anything any more: what is under way comes to its end.
    private(set) var isQuiet = false
    private(set) var isClosed = false
    private(set) var openCalls = 0
    private var budget = 12
    private var hasReturned = false

    init(seed: UInt64, on loop: EventLoop, _ time: ManualTime) {
        self.seed = seed
        self.loop = loop
        self.time = time
        random = SeededGenerator(seed: seed)
    }

    // MARK: What the parts ask

    func fault(_ text: String) {
        faults.append(text)
        note("FAULT \(text)")
    }

    func note(_ text: String) { log.append(text) }

    var story: String { "seed \(seed)\n" + faults.joined(separator: "\n") + "\n---\n" + log.joined(separator: "\n") }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    func nextID() -> String {
        lastID += 1
        return "s\(lastID)"
    }

    func acknowledges() -> Bool { chance(70) }

    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func callBegan() { openCalls += 1 }
    func callEnded() { openCalls -= 1 }

    func clientSent(_ packet: String) {
        note("  > \(packet)")
        guard packet.first == "2" else { return }
        let (namespace, rest) = SimulatedSession.split(packet.dropFirst())
        if let number = Self.number(in: rest) { clients[namespace]?.sent(number) }
    }

    func serverReceived(_ rest: Substring, from namespace: String) {
        if let number = Self.number(in: rest) { clients[namespace]?.arrived(number) }
    }

    private static func number(in rest: Substring) -> Int? {
        rest.split(separator: ",").last.flatMap { Int($0.dropLast()) }
    }

    /// What an `auth` function waits for.
    func decideAuth() async {
        if isQuiet { return }
        await withCheckedContinuation { auths.append($0) }
    }

    // MARK: The run

    func run(steps: Int) {
        setUp()
        for _ in 0..<steps where !isClosed { step() }
        isQuiet = true
        note("quiet")
        settle()
        compare()
        close()
        checkTables()
    }

    private func setUp() {
        var configuration = ClientManager.Configuration()
        configuration.reconnection.randomization = 0
        configuration.reconnection.delay = .milliseconds(100)
        configuration.reconnection.maximumDelay = .milliseconds(400)
        configuration.reconnection.attempts = pick([0, 2, .max])
        configuration.connectTimeout = .seconds(2)
        configuration.transports = [.webSocket]
        manager = ClientManager(url: "http://server", configuration, on: { loop }) { [unowned self] _, delegate in
            let session = SimulatedSession(self, delegate)
            sessions.append(session)
            return session
        }
        manager.onOpen { self.heard("onOpen") }
        manager.onClose { _ in self.heard("onClose") }
        manager.onError { _ in self.heard("onError") }
        manager.onReconnect { _ in self.heard("onReconnect") }
        manager.onReconnectAttempt { _ in self.heard("onReconnectAttempt") }
        manager.onReconnectError { _ in self.heard("onReconnectError") }
        manager.onReconnectFailed { self.heard("onReconnectFailed") }
        for namespace in Self.namespaces {
            let retries = chance(20) ? 2 : 0
            let isSlow = chance(30)
            let socket =
                isSlow
                ? manager.socket(
                    namespace,
                    auth: {
                        await self.decideAuth()
                        return ["a": 1]
                    }, { $0.retries = retries }) : manager.socket(namespace) { $0.retries = retries }
            clients[namespace] = SimulatedClient(socket, self)
        }
        note("attempts \(configuration.reconnection.attempts)")
    }

    /// Something happens, on the loop or elsewhere.
    private func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2 where chance(25): act("elsewhere")
        case 0...2: onLoop { self.act("on the loop") }
        case 3:
            time.advance(by: .milliseconds(pick([1, 50, 100, 400, 1000, 2500])))
            note("time")
        default: onLoop { self.network() }
        }
        loop.step()
    }

    private func onLoop(_ body: @escaping () -> Void) {
        loop.post(OnLoop(body: body))
    }

    private func heard(_ name: String) {
        note("  \(name)")
        actInCallback(name)
    }

    func actInCallback(_ place: String) {
        guard !isQuiet, !isClosed, budget > 0, chance(35) else { return }
        budget -= 1
        act(place)
        if chance(30) { act(place) }
    }

    private func act(_ place: String) {
        if chance(1), place != "elsewhere" {
            note("\(place): close")
            isClosed = true
            let manager = manager!
            loop.start { await manager.close() }
            return
        }
        clients[pick(Self.namespaces)]!.act(place)
    }

    private func network() {
        var events: [(String, () -> Void)] = []
        for session in sessions where session.phase != .ended {
            switch session.phase {
            case .opening:
                events.append(("opens", { session.opens() }))
                if chance(30) {
                    events.append(
                        (
                            "cannot open",
                            { session.fail(ClientError(.connectionRefused, "x"), because: .transportError) }
                        ))
                }
            case .open:
                if !session.toServer.isEmpty {
                    for _ in 0..<3 { events.append(("server receives", { session.serverReceives() })) }
                }
                if let packet = session.toClient.first {
                    for _ in 0..<3 { events.append(("client receives \(packet)", { session.clientReceives() })) }
                }
                for namespace in session.undecided {
                    let accepts = chance(80)
                    events.append(
                        (
                            accepts ? "accepts \(namespace)" : "refuses \(namespace)",
                            { session.decide(namespace, accepts: accepts) }
                        ))
                }
                for namespace in session.present where chance(30) {
                    let id = chance(20) ? nextNumber() : nil
                    events.append(("emits to \(namespace)", { session.emit(to: namespace, id: id) }))
                    if chance(30) { events.append(("throws out \(namespace)", { session.throwOut(namespace) })) }
                }
                if chance(15) { events.append(("lost", { session.fail(nil, because: .transportClose) })) }
                if chance(5) { events.append(("heartbeat is over", { session.heartbeatIsOver = true })) }
            case .ended: break
            }
        }
        if !auths.isEmpty {
            let place = Int.random(in: 0..<auths.count, using: &random)
            events.append(("auth is there", { self.auths.remove(at: place).resume() }))
        }
        guard !events.isEmpty else { return }
        let (name, event) = pick(events)
        note(name)
        event()
    }

    // MARK: The end

    /// The server accepts everybody, nothing is lost, and time goes by.
    private func settle() {
        for round in 0..<30 {
            for _ in 0..<2 {
                onLoop { [self] in
                    for auth in auths { auth.resume() }
                    auths = []
                    for session in sessions where session.phase != .ended {
                        if session.phase == .opening { session.opens() }
                        session.heartbeatIsOver = false
                        while !session.toServer.isEmpty { session.serverReceives() }
                        for namespace in session.undecided { session.decide(namespace, accepts: true) }
                        while !session.toClient.isEmpty, session.phase == .open { session.clientReceives() }
                    }
                }
                loop.step()
            }
            time.advance(by: .milliseconds(round < 10 ? 100 : 1000))
            loop.step()
        }
    }

    /// Both sides say the same.
    private func compare() {
        guard !isClosed else { return }
        let open = sessions.filter { $0.phase != .ended }
        if open.count > 1 { fault("\(open.count) connections are open") }
        for namespace in Self.namespaces {
            clients[namespace]!.compare(with: open.first?.joined(namespace))
        }
        if !open.isEmpty, clients.values.allSatisfy({ !$0.socket.isActive }) {
            fault("a connection is open for nobody")
        }
    }

    private func close() {
        let manager = manager!
        onLoop { [self] in
            loop.start {
                await manager.close()
                self.hasReturned = true
            }
        }
        for _ in 0..<10 { loop.step() }
        if !hasReturned { fault("close does not return") }
        if openCalls != 0 { fault("\(openCalls) calls have not returned") }
        if sessions.contains(where: { $0.phase != .ended }) { fault("a connection is open after close") }
    }

    private func checkTables() {
        onLoop { [self] in
            guard case .success(let core) = manager.core else { return fault("no core") }
            if !core.value.sockets.isEmpty { fault("the manager keeps sockets") }
            for client in clients.values { client.checkTables() }
        }
        loop.step()
        manager = nil
        clients = [:]
        sessions = []
    }
}

extension SimulatedWorld {
    /// All of a lost connection are offline before the first of them is told.
    func checkOffline(_ namespace: String) {
        guard let socket = clients[namespace]?.socket, socket.isConnected else { return }
        let isOnServer = sessions.contains { $0.joined(namespace) != nil }
        if !isOnServer, !wasThrownOut(namespace) { fault("\(namespace) says it is connected while the loss is told") }
    }

    private func wasThrownOut(_ namespace: String) -> Bool {
        sessions.contains { $0.phase == .open && $0.members[namespace] == .thrownOut }
    }
}
