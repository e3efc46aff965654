import SocketIO
import SocketIOClient
import Testing

@Suite struct EmitTests {
    private struct Unencodable: Encodable {
        func encode(to encoder: any Encoder) throws { throw ConnectionRefused("no") }
    }

    @Test func `keeps what is emitted offline, and sends it once and in order`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("note") { (text: String) in lines.append(text) }
                socket.on("sync") { () in lines.all.count }
            }
            try await withManager(url) { manager in
                let socket = manager.socket()
                for number in 0..<100 { socket.emit("note", "\(number)") }
                socket.volatile.emit("note", "volatile")
                try await socket.connect()
                let count: Int = try await socket.emitWithAck("sync")
                #expect(count == 100)
                #expect(lines.all == (0..<100).map(String.init))
            }
        }
    }

    @Test(arguments: [ClientSocket.OfflineBuffer.Policy.dropNewest, .dropOldest])
    func `keeps no more than the limit, and says what it dropped`(policy: ClientSocket.OfflineBuffer.Policy)
        async throws
    {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("note") { (text: String) in lines.append(text) }
                socket.on("sync") { () in true }
            }
            try await withManager(url) { manager in
                let errors = Lines()
                manager.onHandlerError { error, _ in
                    if let error = error as? ClientError, error.code == .offlineBufferFull { errors.append("full") }
                }
                let socket = manager.socket { configuration in
                    configuration.offlineBuffer.events = 3
                    configuration.offlineBuffer.whenFull = policy
                }
                for number in 0..<5 { socket.emit("note", "\(number)") }
                try await socket.connect()
                let _: Bool = try await socket.emitWithAck("sync")
                #expect(lines.all == (policy == .dropNewest ? ["0", "1", "2"] : ["2", "3", "4"]))
                #expect(errors.all.count == 2)
            }
        }
    }

    @Test func `an acknowledgement that does not come in time throws, and what waits offline is not sent`() async throws
    {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("silent") { (_: Ack<>) in }
                socket.on("late") { () in lines.append("late") }
                socket.on("sync") { () in true }
            }
            try await withManager(url) { manager in
                let socket = manager.socket()
                let offline = await #expect(throws: AckError.self) {
                    let _: Int = try await socket.emitWithAck("late", timeout: .milliseconds(20))
                }
                #expect(offline?.code == .timedOut)
                try await socket.connect()
                let error = await #expect(throws: AckError.self) {
                    let _: Int = try await socket.emitWithAck("silent", timeout: .milliseconds(20))
                }
                #expect(error?.code == .timedOut)
                let _: Bool = try await socket.emitWithAck("sync")
                #expect(lines.all == [])
            }
        }
    }

    @Test func `every emitWithAck settles: disconnection, cancellation, another type, too many`() async throws {
        try await serve { io, url in
            io.onConnection { socket in
                socket.on("silent") { (_: Ack<>) in }
                socket.on("text") { () in "text" }
                socket.on("leave") { () in socket.disconnect() }
            }
            try await withManager(url) { manager in
                let socket = manager.socket { $0.limits.pendingAcks = 2 }
                try await socket.connect()
                func code(_ name: EventName) async -> AckError.Code? {
                    do throws(AckError) {
                        let _: Int = try await socket.emitWithAck(name)
                        return nil
                    } catch {
                        return error.code
                    }
                }
                #expect(await code("text") == .undecodableReply)
                let cancelled = Task { await code("silent") }
                cancelled.cancel()
                #expect(await cancelled.value == .cancelled)
                async let first = code("silent")
                async let second = code("silent")
                // Whichever comes third finds the table full.
                async let third = code("silent")
                _ = await eventually { false == true || socket.isConnected }
                try await Task.sleep(for: .milliseconds(50))  // the three are on their way; nothing tells when
                socket.emit("leave")
                let codes = await [first, second, third]
                #expect(codes.count { $0 == .tooManyPending } == 1)
                #expect(codes.count { $0 == .disconnected } == 2)
            }
        }
    }

    @Test func `what cannot be encoded is reported`() async throws {
        try await serve { _, url in
            try await withManager(url) { manager in
                let lines = Lines()
                manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code == .unencodable)") }
                let socket = manager.socket()
                socket.emit("x", Unencodable())
                #expect(await lines.wait(for: 1) == ["true"])
            }
        }
    }

    @Test func `more attachments than a packet may have are reported, and the connection stays`() async throws {
        try await serve { io, url in
            io.on("count") { (_: Socket, values: [[UInt8]]) in values.count }
            try await withManager(url) { manager in
                let lines = Lines()
                manager.onHandlerError { error, _ in lines.append("\((error as? ClientError)?.code == .unencodable)") }
                let socket = manager.socket()
                try await socket.connect()
                let id = socket.id
                let bytes = [[UInt8]](repeating: [1], count: 11)
                socket.emit("count", bytes)
                #expect(await lines.wait(for: 1) == ["true"])
                #expect(try await socket.emitWithAck("count", Array(bytes.dropLast())) == 10)
                #expect(socket.id == id)
            }
        }
    }

    @Test func `retries one event after the other until it is acknowledged, or given up`() async throws {
        try await serve { io, url in
            let lines = Lines()
            io.onConnection { socket in
                socket.on("flaky") { (number: Int, _: JSONValue, _: Ack<>) in
                    lines.append("\(number)")
                }
                socket.on("solid") { (number: Int) in
                    lines.append("\(number)")
                    return number
                }
            }
            try await withManager(url) { manager in
                let socket = manager.socket { configuration in
                    configuration.retries = 2
                    configuration.ackTimeout = .milliseconds(30)
                }
                try await socket.connect()
                socket.emit("flaky", 1, JSONValue.null)
                socket.emit("solid", 2)
                let reply: Int = try await socket.emitWithAck("solid", 3)
                #expect(reply == 3)
                #expect(lines.all == ["1", "1", "1", "2", "3"])
            }
        }
    }
}
