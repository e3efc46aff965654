import EngineIO
import Foundation
import NetLoop
import Synchronization
import Testing

@testable import SocketIO

/// What a server has while it listens is made by `listen`, and over as a whole after `close`.
@Suite struct RestartTests {
    /// Something that should go.
    private final class Weak: @unchecked Sendable {
        private(set) weak var object: AnyObject?
        init(_ object: AnyObject) { self.object = object }
    }

    /// Weak references from any thread.
    private final class Watch: Sendable {
        private let all = Mutex<[Weak]>([])
        func note(_ object: AnyObject) {
            let weak = Weak(object)
            all.withLock { $0.append(weak) }
        }
        var count: Int { all.withLock { $0.count } }
        var left: Int { all.withLock { $0.count { $0.object != nil } } }
    }

    private func server(loops: Int = 2) -> SocketIOServer {
        var configuration = SocketIOServer.Configuration()
        configuration.loops = loops
        configuration.logger = SilentLogger()
        configuration.engine.limits.closeTime = .milliseconds(100)
        return SocketIOServer(configuration)
    }

    private var threadCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    private func watchLoops(of io: SocketIOServer, _ watch: Watch) {
        for shard in io.context.shards { watch.note(shard.loop) }
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await offPool(body)
    }

    @Test func `a server that could not listen serves on another port`() async throws {
        let first = server()
        let taken = try await first.listen(host: "127.0.0.1", port: 0).port
        let io = server()
        io.on("echo") { (socket: Socket, text: String) in socket.emit("echo", text) }
        await #expect(throws: ListenError.self) { try await io.listen(host: "127.0.0.1", port: taken) }
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        try await blocking {
            for _ in 0..<4 {
                let peer = try Peer(port)
                try peer.send(#"2["echo","a"]"#)
                #expect(try peer.receive() == #"2["echo","a"]"#)
            }
        }
        await io.close()
        await first.close()
    }

    @Test func `a server that was closed listens again with what was registered`() async throws {
        let io = server()
        let admin = io.namespace("/admin")
        admin.onConnection { socket in socket.join("room") }
        io.on("echo") { (socket: Socket, text: String) in socket.emit("echo", text) }
        for round in 0..<3 {
            let port = try await io.listen(host: "127.0.0.1", port: 0).port
            if round == 1 { io.on("later") { (socket: Socket) in socket.emit("late") } }
            try await blocking {
                let peer = try Peer(port)
                try peer.connect("/admin")
                try peer.send(#"2["echo","a"]"#)
                #expect(try peer.receive() == #"2["echo","a"]"#)
                admin.to("room").emit("x")
                #expect(try peer.receive() == #"2/admin,["x"]"#)
                if round > 0 {
                    try peer.send(#"2["later"]"#)
                    #expect(try peer.receive() == #"2["late"]"#)
                }
            }
            await io.close()
            #expect(await io.counts() == SocketIOServer.Holdings())
        }
    }

    @Test func `listens that fail leave nothing`() async throws {
        let first = server()
        let taken = try await first.listen(host: "127.0.0.1", port: 0).port
        let io = server(loops: 4)
        let (descriptors, threads) = (Process.descriptorCount, threadCount)
        for _ in 0..<50 {
            await #expect(throws: ListenError.self) { try await io.listen(host: "127.0.0.1", port: taken) }
        }
        #expect(await eventually { Process.descriptorCount <= descriptors && threadCount <= threads })
        await first.close()
    }

    @Test func `what is registered after the end holds no loop`() async throws {
        let watch = Watch()
        let io = server()
        io.configuration.engine.allowRequest = { _ in _ = io }
        io.http.get("/page") { _ in .text("\(io)") }
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        watchLoops(of: io, watch)
        try await blocking { _ = try Peer(port) }
        await io.close()
        let late = io.namespace("/late")
        late.onConnection { _ in _ = io }
        io.onConnection { _ in _ = io }
        io.on("x") { (_: Socket) in _ = io }
        #expect(watch.count == 2)
        #expect(await eventually { watch.left == 0 })
        withExtendedLifetime((io, late)) {}
        io.configuration.engine.allowRequest = nil
    }

    @Test func `a closed server has no session left that waits for its last poll`() async throws {
        let watch = Watch()
        let io = server()
        io.onConnection { socket in
            watch.note(socket)
            watch.note(socket.session)
            socket.on("bye") { socket.disconnect(closingConnection: true) }
        }
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        watchLoops(of: io, watch)
        try await blocking {
            for _ in 0..<4 { try PollingPeer(port).send(#"2["bye"]"#) }
        }
        await io.close()
        #expect(await eventually { watch.left == 0 })
    }

    @Test func `a hundred servers that are used and closed at any moment leave nothing`() async throws {
        let watch = Watch()
        let taken = server()
        let takenPort = try await taken.listen(host: "127.0.0.1", port: 0).port
        // What the runtime opens once is there.
        try await use(server(), watch, closingAfter: 0)
        let (descriptors, threads) = (Process.descriptorCount, threadCount)
        for round in 0..<100 {
            let io = server(loops: 1 + round % 3)
            if round % 4 == 0 {
                await #expect(throws: ListenError.self) { try await io.listen(host: "127.0.0.1", port: takenPort) }
            }
            try await use(io, watch, closingAfter: round % 7)
        }
        #expect(await eventually(patience: 30) { watch.left == 0 })
        #expect(watch.count > 300)
        // The runtime has some of its own, which come and go.
        let slack = 8
        #expect(
            await eventually { Process.descriptorCount <= descriptors + slack && threadCount <= threads + slack },
            "\(Process.descriptorCount) of \(descriptors) descriptors, \(threadCount) of \(threads) threads")
        await taken.close()
    }

    @Test func `a close waits for the run that it ends, not for the next one`() async throws {
        let io = server()
        for _ in 0..<50 {
            try await io.listen(host: "127.0.0.1", port: 0)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { await io.close() } }
                // The first to return listens again while the others may still be on their way.
                await group.next()
                _ = try? await io.listen(host: "127.0.0.1", port: 0)
                await group.waitForAll()
            }
            await io.close()
        }
    }

    @Test func `a handler that remembers a socket holds no loop after the end`() async throws {
        final class Game: Sendable { let last = Mutex<Socket?>(nil) }
        let watch = Watch()
        do {
            let io = server()
            let game = Game()
            io.on("join") { (socket: Socket) in
                game.last.withLock { $0 = socket }
                return true
            }
            io.onDisconnect { socket, _ in game.last.withLock { $0 = socket } }
            let port = try await io.listen(host: "127.0.0.1", port: 0).port
            watchLoops(of: io, watch)
            try await blocking {
                let peer = try Peer(port)
                try peer.send(#"21["join"]"#)
                #expect(try peer.receive() == "31[true]")
            }
            await io.close()
        }
        #expect(await eventually { watch.left == 0 })
    }

    /// Clients of every transport come and go while the server closes.
    private func use(_ io: SocketIOServer, _ watch: Watch, closingAfter count: Int) async throws {
        io.onConnection { socket in
            watch.note(socket)
            watch.note(socket.session)
            socket.join("room")
            socket.on("wait") { try? await Task.sleep(for: .milliseconds(20)) }
        }
        io.http.get("/page") { _ in
            try? await Task.sleep(for: .milliseconds(5))
            return .text("page")
        }
        let port = try await io.listen(host: "127.0.0.1", port: 0).port
        watchLoops(of: io, watch)
        async let clients: Void = blocking {
            // What fails does so because the server is closed by then.
            for number in 0..<7 {
                let peer = try? Peer(port)
                try? peer?.send(#"2["wait"]"#)
                let poller = try? PollingPeer(port)
                try? poller?.beginPoll()
                if number % 2 == 0 { _ = try? poller.map { try Peer(port, upgrading: $0) } }
                let page = try? RawClient(port: port)
                try? page?.sendRequest("GET", "/page")
            }
        }
        for _ in 0..<count { try await Task.sleep(for: .milliseconds(1)) }
        await io.close()
        try await clients
    }
}
