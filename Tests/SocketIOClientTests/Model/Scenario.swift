import NetLoop
import SocketIOWire

@testable import SocketIOClient

/// What a simulated session belongs to.
protocol Simulation: AnyObject {
    /// The client did what closes a connection.
    func fault(_ text: String)
    func clientSent(_ packet: String)
    func serverReceived(_ rest: Substring, from namespace: String)
    func acknowledges() -> Bool
    func nextID() -> String
}

/// A client and its server in one thread, in a time that stands still, step by step as a test says.
///
/// `@unchecked Sendable`: only the thread of the test touches it, which steps the loop.
final class Scenario: Simulation, @unchecked Sendable {
    let manager: ClientManager
    let time = ManualTime()
    let loop: EventLoop
    private(set) var sessions: [SimulatedSession] = []
    private(set) var faults: [String] = []
    /// What the client sent and the server got, over all connections.
    private(set) var sent: [String] = []
    private(set) var arrived: [String] = []
    /// What the application noted.
    var log: [String] = []
    private var lastID = 0
    private var makeSession: ((any ClientEngineDelegate) -> SimulatedSession)?

    init(_ configure: (inout ClientManager.Configuration) -> Void = { _ in }) throws {
        loop = try EventLoop(index: 0, receiveBytes: 4096, time: time)
        var configuration = ClientManager.Configuration()
        configuration.reconnection.randomization = 0
        configuration.reconnection.delay = .milliseconds(100)
        configuration.connectTimeout = .seconds(20)
        configure(&configuration)
        let maker = Maker()
        let loop = loop
        manager = ClientManager(url: "http://server", configuration, on: { loop }, makeEngine: { maker.make($1) })
        maker.scenario = self
    }

    private final class Maker: @unchecked Sendable {
        weak var scenario: Scenario?

        func make(_ delegate: any ClientEngineDelegate) -> any ClientEngine {
            let session = SimulatedSession(scenario!, delegate)
            scenario!.sessions.append(session)
            return session
        }
    }

    /// The connection that is there.
    var session: SimulatedSession? { sessions.last { $0.phase != .ended } }

    func fault(_ text: String) { faults.append(text) }
    func clientSent(_ packet: String) { sent.append(packet) }
    func serverReceived(_ rest: Substring, from namespace: String) { arrived.append("\(namespace) \(rest)") }
    func acknowledges() -> Bool { true }
    func nextID() -> String {
        lastID += 1
        return "s\(lastID)"
    }

    /// Runs `body` on the loop, and what it started as far as it gets.
    func run(_ body: @escaping () -> Void) {
        loop.post(OnLoop(body: body))
        for _ in 0..<4 { loop.step() }
    }

    /// Opens what opens and delivers what was sent, until nothing is under way. The server accepts whom it is told to.
    func settle(accepting isAccepted: @escaping (String) -> Bool? = { _ in true }) {
        for _ in 0..<8 {
            run { [self] in
                for session in sessions where session.phase != .ended {
                    if session.phase == .opening { session.opens() }
                    while !session.toServer.isEmpty, session.phase == .open { session.serverReceives() }
                    for namespace in session.undecided {
                        if let accepts = isAccepted(namespace) { session.decide(namespace, accepts: accepts) }
                    }
                    while !session.toClient.isEmpty, session.phase == .open { session.clientReceives() }
                }
            }
        }
    }

    func advance(_ duration: Duration) {
        time.advance(by: duration)
        for _ in 0..<4 { loop.step() }
    }

    /// Whether both sides agree that the socket is there, or that it is not.
    func agrees(_ socket: ClientSocket) -> Bool {
        socket.id?.description == session?.joined(socket.namespace) && socket.isConnected == (socket.id != nil)
            && socket.isActive == socket.isConnected
    }
}

struct OnLoop: LoopMessage, @unchecked Sendable {
    let body: () -> Void
    func deliver(on loop: EventLoop) { body() }
}
