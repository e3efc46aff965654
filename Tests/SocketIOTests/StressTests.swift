import Foundation
import SocketIO
import Synchronization
import Testing

/// Everything at once on four loops: threads that belong to nobody emit, handlers suspend, others are registered and
/// taken back, clients come and go, and the server closes in the middle of it.
///
/// Four seconds, or `STRESS_SECONDS`, of rounds with seeds of their own. Made for the thread sanitizer as well.
@Suite struct StressTests {
    private static let asked = ProcessInfo.processInfo.environment["STRESS_SECONDS"].flatMap { Double($0) }
    private static let seconds = asked ?? 4
    /// Somebody looks at it.
    private static let isLong = asked != nil
    private static let senders = 3
    private static let clients = 6

    @Test func `order, lifecycle and acknowledgements hold until the server is closed under load`() async throws {
        let end = Date(timeIntervalSinceNow: Self.seconds)
        var descriptors: [Int] = []
        var round: UInt64 = 0
        while Date() < end || round < 2 {
            let record = try await Round(seed: round).run()
            #expect(record.faults == [], "round \(round)")
            #expect(record.lives.values.allSatisfy { $0 == Life(begun: 1, ending: 1, ended: 1) }, "round \(round)")
            #expect(record.asked == record.settled, "round \(round)")
            #expect(record.answered > 0 && record.heard > 0 && !record.lives.isEmpty, "round \(round)")
            if Self.isLong {
                print(
                    "stress: round \(round), \(record.lives.count) sockets, \(record.settled) acks of clients,",
                    "\(record.answered) of the server, \(record.heard) events heard")
            }
            // The connections of the clients included.
            _ = await eventually { Process.descriptorCount <= descriptors.first ?? .max }
            descriptors.append(Process.descriptorCount)
            round += 1
        }
        // What the process opens once is there after the first round.
        #expect(descriptors.dropFirst().allSatisfy { $0 <= descriptors[0] }, "\(descriptors)")
    }

    /// What a socket's handlers were told.
    private struct Life: Equatable {
        var begun = 0
        var ending = 0
        var ended = 0
    }

    private struct Record {
        var lives: [SocketID: Life] = [:]
        /// Acknowledgements that the server has awaited, and those that have come, or come to nothing.
        var asked = 0
        var settled = 0
        /// What clients have had answered, and heard from other threads.
        var answered = 0
        var heard = 0
        var faults: [String] = []
    }

    /// One server's life.
    private final class Round: Sendable {
        private let seed: UInt64
        private let record = Mutex(Record())
        private let sockets = Mutex<[Socket]>([])
        private let isOver = Atomic(false)

        private static let lastNumber = SocketKey<Int>("last number")

        init(seed: UInt64) {
            self.seed = seed
        }

        func run() async throws -> Record {
            let io = SocketIOServer()
            io.configuration.loops = 4
            io.configuration.logger = SilentLogger()
            io.configuration.engine.limits.closeTime = .milliseconds(200)
            install(on: io)
            let port = try await io.listen(host: "127.0.0.1", port: 0).port
            await withTaskExecutorPreference(BlockingExecutor()) {
                await withTaskGroup(of: Void.self) { group in
                    for sender in 0..<StressTests.senders { group.addTask { await self.emit(as: sender, io) } }
                    group.addTask { self.register(on: io) }
                    for client in 0..<StressTests.clients { group.addTask { self.comeAndGo(port, client) } }
                    var generator = SeededGenerator(seed: seed)
                    usleep(UInt32.random(in: 200_000...500_000, using: &generator))
                    await io.close()
                    isOver.store(true, ordering: .relaxed)
                }
            }
            sockets.withLock { $0 = [] }
            // The last handlers may still be at it.
            _ = await eventually { record.withLock { $0.asked == $0.settled } }
            return record.withLock { $0 }
        }

        private func fault(_ words: String) {
            record.withLock { $0.faults.append(words) }
        }

        // MARK: The server

        private func install(on io: SocketIOServer) {
            io.onConnection { socket in
                self.record.withLock { $0.lives[socket.id, default: Life()].begun += 1 }
                self.sockets.withLock { $0.append(socket) }
                socket.on("own") { (number: Int) in number + 1 }
                socket.onDisconnecting { _ in
                    self.record.withLock { $0.lives[socket.id, default: Life()].ending += 1 }
                }
            }
            io.onDisconnect { socket, _ in
                self.record.withLock { $0.lives[socket.id, default: Life()].ended += 1 }
                self.sockets.withLock { $0.removeAll { $0 === socket } }
            }
            io.on("count") { (socket: Socket, number: Int) in
                let last = socket[Self.lastNumber] ?? 0
                if number != last + 1 { self.fault("\(number) after \(last)") }
                socket[Self.lastNumber] = number
            }
            io.on("ask back") { (socket: Socket, number: Int) async -> Int in
                await self.settling {
                    await Task.yield()
                    let answer: Int? = try? await socket.emitWithAck("question", number, timeout: .seconds(5))
                    return answer ?? -1
                }
            }
            io.on("later") { (_: Socket, number: Int) async -> Int in
                for _ in 0..<number % 4 { await Task.yield() }
                return number + 1
            }
            io.onHandlerError { self.fault("\($0)") }
        }

        private func settling<Value>(_ body: () async -> Value) async -> Value {
            record.withLock { $0.asked += 1 }
            let value = await body()
            record.withLock { $0.settled += 1 }
            return value
        }

        // MARK: Threads of nobody

        /// Sends numbers, of which some are for everybody and some for one.
        private func emit(as sender: Int, _ io: SocketIOServer) async {
            var generator = SeededGenerator(seed: seed &* 31 &+ UInt64(sender))
            var number = 0
            var broadcasts = 0
            while !isOver.load(ordering: .relaxed) {
                number += 1
                switch Int.random(in: 0..<10, using: &generator) {
                case 0:
                    await settling {
                        let _: BroadcastReplies<Int> = await io.emitWithAck("poll", timeout: .milliseconds(50))
                    }
                case 1: sockets.withLock { $0.randomElement(using: &generator) }?.join("room \(sender)")
                case 2: io.to("room \(sender)").socketsLeave("room \(sender)")
                case 3..<6:
                    sockets.withLock { $0.randomElement(using: &generator) }?.emit("number", sender, number, 0)
                default:
                    broadcasts += 1
                    io.emit("number", sender, number, broadcasts)
                }
                if Bool.random(using: &generator) { usleep(200) }
            }
        }

        /// Registers handlers, and takes them back.
        private func register(on io: SocketIOServer) {
            var generator = SeededGenerator(seed: seed &* 17)
            var subscriptions: [EventSubscription] = []
            while !isOver.load(ordering: .relaxed) {
                let name: EventName = ["late 0", "late 1", "late 2"].randomElement(using: &generator) ?? "late 0"
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: subscriptions.append(io.on(name) { (_: Socket, _: Int) in })
                case 1: io.off(name)
                case 2:
                    guard let socket = sockets.withLock({ $0.randomElement(using: &generator) }) else { continue }
                    subscriptions.append(socket.on(name) { (_: Int) in })
                case 3: sockets.withLock { $0.randomElement(using: &generator) }?.off(name)
                case 4: io.namespace("/\(Int.random(in: 0..<4, using: &generator))").onConnection { _ in }
                default:
                    guard let index = subscriptions.indices.randomElement(using: &generator) else { continue }
                    subscriptions.remove(at: index).cancel()
                }
                usleep(300)
            }
        }

        // MARK: Clients

        /// One client after another, until the server is gone.
        private func comeAndGo(_ port: Int, _ client: Int) {
            var generator = SeededGenerator(seed: seed &* 101 &+ UInt64(client) &+ 7)
            while !isOver.load(ordering: .relaxed) {
                guard let visit = try? Visit(port) else { continue }
                do {
                    for _ in 0..<Int.random(in: 1..<200, using: &generator) { try visit.act(&generator) }
                    if Bool.random(using: &generator) { visit.peer.raw.abort() }
                } catch let fault as Unexpected {
                    // The server may say that it leaves.
                    if fault.what != "1" { self.fault(fault.what) }
                } catch {
                    // It is gone.
                }
                visit.peer.raw.close()
                let (answered, heard) = (visit.answered, visit.heard)
                record.withLock {
                    $0.answered += answered
                    $0.heard += heard
                }
            }
        }
    }

    /// A connection, and what it has heard so far.
    private final class Visit {
        let peer: Peer
        private(set) var answered = 0
        private(set) var heard = 0
        private var counted = 0
        private var requests = 0
        private var lastNumbers = Array(repeating: 0, count: StressTests.senders)
        private var lastBroadcasts = Array(repeating: 0, count: StressTests.senders)

        init(_ port: Int) throws {
            peer = try Peer(port)
        }

        func act(_ generator: inout SeededGenerator) throws {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: try request("ask back", expecting: 0)
            case 1: try request("later", expecting: 1)
            case 2: try request("own", expecting: 1)
            case 3: try peer.send(#"2["late \#(Int.random(in: 0..<3, using: &generator))",1]"#)
            default:
                for _ in 0..<Int.random(in: 1..<20, using: &generator) {
                    counted += 1
                    try peer.send(#"2["count",\#(counted)]"#)
                }
            }
        }

        /// Asks, and hears everything until the answer.
        private func request(_ name: String, expecting difference: Int) throws {
            requests += 1
            let id = requests
            try peer.send(#"2\#(id)["\#(name)",\#(id)]"#)
            while true {
                let packet = try peer.receive()
                let body = packet.drop { $0 != "[" }
                if packet.hasPrefix("3") {
                    guard packet == "3\(id)[\(id + difference)]" else { throw Unexpected(what: packet) }
                    answered += 1
                    return
                } else if body.hasPrefix(#"["question","#) {
                    try peer.send("3\(packet.dropFirst().prefix { $0 != "[" })[\(body.dropFirst(12).dropLast())]")
                } else if body == #"["poll"]"# {
                    try peer.send("3\(packet.dropFirst().prefix { $0 != "[" })[1]")
                } else if body.hasPrefix(#"["number","#) {
                    try hear(body.dropFirst(10).dropLast().split(separator: ",").compactMap { Int($0) })
                } else {
                    throw Unexpected(what: packet)
                }
            }
        }

        /// Of each sender, numbers grow, whatever way they come, and no broadcast is left out.
        private func hear(_ numbers: [Int]) throws {
            let (sender, number, broadcast) = (numbers[0], numbers[1], numbers[2])
            guard number > lastNumbers[sender] else {
                throw Unexpected(what: "\(number) of \(sender) after \(lastNumbers[sender])")
            }
            lastNumbers[sender] = number
            if broadcast > 0 {
                let last = lastBroadcasts[sender]
                guard last == 0 || broadcast == last + 1 else {
                    throw Unexpected(what: "broadcast \(broadcast) of \(sender) after \(last)")
                }
                lastBroadcasts[sender] = broadcast
            }
            heard += 1
        }
    }
}
