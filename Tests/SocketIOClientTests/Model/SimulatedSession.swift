import SocketIOWire

@testable import SocketIOClient

/// One connection between the client under test and a server that are both in the same thread: what was sent waits
/// until the world delivers it.
///
/// The server is as strict as ours (Protocol.md 4.5): what would close the connection is noted as a fault of the client.
final class SimulatedSession: ClientEngine {
    enum Phase {
        case opening, open, ended
    }

    enum Member: Equatable {
        /// CONNECT came; a middleware decides.
        case deciding
        case joined(String)
        /// The server sent DISCONNECT: what the client sent before it hears of it is not its fault.
        case thrownOut
    }

    private let world: any Simulation
    private(set) var delegate: (any ClientEngineDelegate)?
    private(set) var phase = Phase.opening
    private(set) var members: [String: Member] = [:]
    var toServer: [String] = []
    var toClient: [String] = []
    var heartbeatIsOver = false
    /// The next thing sent is too much for the connection, which notices by the end of the turn.
    var isFull = false

    init(_ world: any Simulation, _ delegate: any ClientEngineDelegate) {
        self.world = world
        self.delegate = delegate
    }

    func joined(_ namespace: String) -> String? {
        guard phase == .open, case .joined(let id)? = members[namespace] else { return nil }
        return id
    }

    // MARK: The client's end

    let transport = EngineTransport.webSocket
    var isWritable: Bool { phase == .open }

    func start() {}

    func send(text: Span<UInt8>) {
        var bytes: [UInt8] = []
        for index in text.indices.dropFirst() { bytes.append(text[index]) }
        let packet = String(decoding: bytes, as: UTF8.self)
        guard phase == .open else { return world.fault("\(packet) is sent to a connection that is \(phase)") }
        world.clientSent(packet)
        toServer.append(packet)
    }

    func send(binary: [UInt8]) {}

    var isHeartbeatOver: Bool { heartbeatIsOver && phase == .open }

    func checkHeartbeat() {
        if isHeartbeatOver { fail(nil, because: .pingTimeout) }
    }

    func close() {
        delegate = nil
        while !toServer.isEmpty { serverReceives() }
        phase = .ended
    }

    func fail(_ error: ClientError?, because reason: EngineCloseReason) {
        guard phase != .ended else { return }
        if error?.code == .timedOut { world.clientCuts() }
        phase = .ended
        let delegate = delegate
        self.delegate = nil
        delegate?.engineClosed(self, because: reason, error: error)
    }

    // MARK: What the network brings

    func opens() {
        phase = .open
        delegate?.engineOpened(self)
    }

    func clientReceives() {
        let packet = toClient.removeFirst()
        delegate?.engineReceived(text: packet.utf8.span, on: self)
    }

    func serverReceives() {
        let packet = toServer.removeFirst()
        let (namespace, rest) = Self.split(packet.dropFirst())
        switch packet.first {
        case "0":
            switch members[namespace] {
            case nil, .thrownOut: members[namespace] = .deciding
            case .deciding, .joined: world.fault("a second CONNECT to \(namespace)")
            }
        case "1":
            switch members[namespace] {
            case .joined, .thrownOut: members[namespace] = nil
            case nil, .deciding: world.fault("DISCONNECT of \(namespace), which is not joined")
            }
        case "2":
            switch members[namespace] {
            case .joined:
                world.serverReceived(rest, from: namespace)
                if let id = Int(rest.prefix { $0.isNumber }), world.acknowledges() {
                    toClient.append("3\(Self.prefix(namespace))\(id)[1]")
                }
            case .thrownOut: break
            case nil, .deciding: world.fault("\(packet) to \(namespace), which is not joined")
            }
        case "3":
            if members[namespace] == nil || members[namespace] == .deciding { world.fault("an answer to nobody") }
        default: world.fault("\(packet) is no packet of a client")
        }
    }

    // MARK: What the server does

    var undecided: [String] { members.filter { $0.value == .deciding }.keys.sorted() }
    var present: [String] { members.keys.filter { joined($0) != nil }.sorted() }

    func decide(_ namespace: String, accepts: Bool) {
        if accepts {
            let id = world.nextID()
            members[namespace] = .joined(id)
            toClient.append("0\(Self.prefix(namespace)){\"sid\":\"\(id)\"}")
        } else {
            members[namespace] = nil
            toClient.append("4\(Self.prefix(namespace)){\"message\":\"no\"}")
        }
    }

    func throwOut(_ namespace: String) {
        members[namespace] = .thrownOut
        toClient.append("1\(Self.prefix(namespace))")
    }

    func emit(to namespace: String, id: Int?) {
        toClient.append("2\(Self.prefix(namespace))\(id.map(String.init) ?? "")[\"news\"]")
    }

    private static func prefix(_ namespace: String) -> String { namespace == "/" ? "" : namespace + "," }

    /// Namespace and rest of a packet without its type.
    static func split(_ packet: Substring) -> (String, Substring) {
        guard packet.first == "/" else { return ("/", packet) }
        let name = packet.prefix { $0 != "," }
        return (String(name), packet.dropFirst(name.count + 1))
    }
}
