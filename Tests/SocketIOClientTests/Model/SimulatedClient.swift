import NetLoop
import SocketIOEvents

@testable import SocketIOClient

/// One socket of the client under test, and what its application was told and wants.
///
/// `@unchecked Sendable`: as the world's.
final class SimulatedClient: @unchecked Sendable {
    let socket: ClientSocket
    private unowned let world: SimulatedWorld
    private var name: String { socket.namespace }
    /// What the application asked for last, and has not been told to be over.
    private var isWanted = false
    /// `connect` threw, after which nothing is tried.
    private var hasThrown = false
    private var wasToldConnected = false
    /// Events that have to be sent by `onConnect`.
    private var waiting: Set<Int> = []
    private var lastArrived = 0

    init(_ socket: ClientSocket, _ world: SimulatedWorld) {
        self.socket = socket
        self.world = world
        socket.onConnect { [unowned self] in connected() }
        socket.onDisconnect { [unowned self] (reason: ClientSocket.DisconnectReason) in disconnected(reason) }
        socket.onConnectError { [unowned self] (error: ClientError) in failed(error) }
        socket.on("news") { [unowned self] () in
            if !self.socket.isConnected { world.fault("\(name) gets an event while it is not connected") }
            world.note("  event in \(name)")
            world.actInCallback("event in \(name)")
        }
    }

    private func connected() {
        world.note("  onConnect of \(name), \(socket.id.map(\.description) ?? "no id")")
        if !socket.isConnected || socket.id == nil { world.fault("onConnect of \(name), which is not connected") }
        if wasToldConnected { world.fault("onConnect of \(name) twice") }
        wasToldConnected = true
        if !waiting.isEmpty, socket.configuration.retries == 0 { world.fault("\(name) did not send \(waiting)") }
        world.actInCallback("onConnect of \(name)")
    }

    private func disconnected(_ reason: ClientSocket.DisconnectReason) {
        world.note("  onDisconnect of \(name), \(reason), isActive \(socket.isActive)")
        wasToldConnected = false
        if !socket.isActive { isWanted = false }
        for other in SimulatedWorld.namespaces where reason != .clientDisconnect && reason != .serverDisconnect {
            world.checkOffline(other)
        }
        world.actInCallback("onDisconnect of \(name)")
    }

    private func failed(_ error: ClientError) {
        world.note("  onConnectError of \(name), \(error), isActive \(socket.isActive)")
        if !socket.isActive { isWanted = false }
        world.actInCallback("onConnectError of \(name)")
    }

    func sent(_ number: Int) { waiting.remove(number) }

    func arrived(_ number: Int) {
        if number <= lastArrived, socket.configuration.retries == 0 { world.fault("\(number) arrives late in \(name)") }
        lastArrived = max(lastArrived, number)
    }

    // MARK: What the application does

    func act(_ place: String) {
        let action = world.pick(["open", "open", "open", "leave", "leave", "emit", "emit", "ack", "connect", "try"])
        world.note("\(place): \(action) \(name)")
        switch action {
        case "open":
            isWanted = true
            hasThrown = false
            socket.open()
        case "leave":
            isWanted = false
            socket.disconnect()
        case "emit":
            let number = world.nextNumber()
            if place != "elsewhere", !socket.isConnected { waiting.insert(number) }
            socket.emit("n", number)
        case "ack" where place != "elsewhere": ask()
        case "connect" where place != "elsewhere": connect(timeout: nil)
        case "try" where place != "elsewhere":
            let task = connect(timeout: .milliseconds(world.pick([0, 300, 1500])))
            if world.chance(30) { task.cancel() }
        default: break
        }
    }

    private func ask() {
        let number = world.nextNumber()
        guard let core = socket.currentCore else { return }
        world.callBegan()
        let (socket, world) = (socket, world)
        core.loop.start {
            do {
                let _: Int = try await socket.emitWithAck("n", number, timeout: .seconds(3))
            } catch {}
            world.callEnded()
        }
    }

    @discardableResult
    private func connect(timeout: Duration?) -> Task<Void, any Error> {
        isWanted = true
        hasThrown = false
        world.callBegan()
        let (socket, world) = (socket, world)
        return socket.currentCore!.loop.startTask { [unowned self] in
            do {
                try await socket.connect(timeout: timeout)
                world.note("  connect to \(name) returns")
            } catch {
                world.note("  connect to \(name) throws \(error)")
                hasThrown = true
            }
            world.callEnded()
        }
    }

    // MARK: What must be true at the end

    func compare(with id: String?) {
        if socket.id?.description != id {
            world.fault("\(name) is \(socket.id.map(\.description) ?? "nobody"), the server has \(id ?? "nobody")")
        }
        if socket.isConnected != (id != nil) { world.fault("isConnected of \(name) is \(socket.isConnected)") }
        if socket.isActive != socket.isConnected { world.fault("\(name) is active and never gets there") }
        if wasToldConnected != socket.isConnected { world.fault("\(name) was told \(wasToldConnected)") }
        if isWanted, !socket.isActive, !hasThrown { world.fault("open of \(name) was swallowed") }
        if !isWanted, socket.isActive { world.fault("\(name) is active, and nobody wants it") }
    }

    func checkTables() {
        guard let core = socket.currentCore else { return world.fault("no core") }
        if core.acks.count != 0 || !core.waiters.isEmpty { world.fault("\(name) has waiters") }
        if core.offline.count != 0 { world.fault("\(name) keeps events") }
        if core.handle != nil { world.fault("\(name) keeps its handle") }
        if core.events.hasHandlers { world.fault("\(name) keeps handlers") }
    }
}
