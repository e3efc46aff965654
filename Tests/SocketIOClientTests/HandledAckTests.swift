import SocketIO
import SocketIOClient
import Testing

extension Request {
    fileprivate static var double: Request<Int, Int> { Request<Int, Int>("double", replying: Int.self) }
}

/// `@unchecked Sendable`: only the thread of the test touches it, which steps the loop.
private final class Kept: @unchecked Sendable {
    var acks: [Ack<Int>] = []
}

/// What a client's handlers acknowledge, and what it sends again until it is acknowledged.
@Suite struct HandledAckTests {
    private struct Failure: Error {}

    /// The values of the client's acknowledgement of an event `name`, or what asking for it fails with.
    private static func answer(of socket: Socket, to name: String) async -> String {
        do {
            // What is answered may take its time; what is not is waited for in vain.
            let timeout: Duration = ["plain", "later", "both"].contains(name) ? .seconds(20) : .milliseconds(300)
            let values: EventArguments = try await socket.emitWithAck(name, 4, timeout: timeout)
            return "\(values.count)"
        } catch {
            return "\(error.code)"
        }
    }

    @Test func `handlers without a value acknowledge with nothing once all have ended, unless another has a value`()
        async throws
    {
        try await serve { io, url in
            let answers = Lines()
            io.onConnection { socket in
                for name in ["plain", "later", "both", "throws", "nobody", "sequence"] {
                    answers.append("\(name) \(await Self.answer(of: socket, to: name))")
                }
            }
            try await withManager(url) { manager in
                let socket = manager.socket()
                socket.on("plain") { (_: Int) in }
                socket.on("later") { (_: Int) in await Task.yield() }
                socket.on("later") { (_: Int) in }
                socket.on("both") { (_: Int) in }
                socket.on("both") { (number: Int) in number }
                socket.on("throws") { (_: Int) in }
                socket.on("throws") { (_: Int) throws in throw Failure() }
                socket.onAny { _, _ in }
                let sequence = socket.events("sequence", Int.self)
                try await socket.connect()
                #expect(
                    await answers.wait(for: 6) == [
                        "plain 0", "later 0", "both 1", "throws timedOut", "nobody timedOut", "sequence timedOut",
                    ])
                withExtendedLifetime(sequence) {}
            }
        }
    }

    @Test func `a handler with an Ack answers by it, in every form`() async throws {
        try await serve { io, url in
            let answers = Lines()
            io.onConnection { socket in
                for name in ["plain", "later", "name 1"] {
                    let sum: Int = try await socket.emitWithAck(name, 1, 2)
                    answers.append("\(sum)")
                }
                let doubled = try await socket.emitWithAck(.double, 4)
                let several: EventArguments = try await socket.emitWithAck("several")
                answers.append("\(doubled) \(several.count)")
            }
            try await withManager(url) { manager in
                let errors = Lines()
                manager.onHandlerError { error, _ in errors.append("\(error)") }
                let socket = manager.socket()
                socket.on("plain") { (a: Int, b: Int, ack: Ack<Int>) in ack(a + b) }
                socket.on("later") { (a: Int, b: Int, ack: Ack<Int>) in
                    await Task.yield()
                    ack(a + b)
                }
                socket.on("name " + String(1)) { (a: Int, b: Int, ack: Ack<Int>) in
                    for number in 0..<3 { ack(a + b + number) }
                }
                socket.on(.double) { number, ack in ack(number * 2) }
                socket.on("several") { (ack: Ack<Int, String, [UInt8]>) in ack(1, "two", [3]) }
                try await socket.connect()
                #expect(await answers.wait(for: 4) == ["3", "3", "3", "8 3"])
                #expect(await errors.wait(for: 1).count == 1)
            }
        }
    }

    @Test func `what is answered late goes nowhere once the connection is another one`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket("/a")
        let kept = Kept()
        socket.on("news") { (ack: Ack<Int>) in kept.acks.append(ack) }
        socket.open()
        scenario.settle()
        for answers in [true, false] {
            scenario.run { scenario.session?.emit(to: "/a", id: 0) }
            scenario.settle()
            #expect(kept.acks.count == 1)
            if !answers {
                scenario.run { scenario.session?.fail(nil, because: .transportClose) }
                scenario.advance(.seconds(10))
                scenario.settle()
                #expect(socket.isConnected)
            }
            scenario.run { kept.acks.removeLast()(7) }
            scenario.settle()
        }
        #expect(scenario.sent.filter { $0.hasPrefix("3") } == ["3/a,0[7]"])
    }

    @Test func `what is sent until it is acknowledged is handled once`() async throws {
        try await serve { io, url in
            let handled = Lines()
            io.on("save") { (_: Socket, text: String) in handled.append(text) }
            io.on("save later") { (_: Socket, text: String) in
                await Task.yield()
                handled.append(text)
            }
            io.on("sum") { (_: Socket, a: Int, b: Int) in a + b }
            try await withManager(url) { manager in
                let socket = manager.socket {
                    $0.retries = 3
                    $0.ackTimeout = .seconds(2)
                }
                try await socket.connect()
                socket.emit("save", "a")
                socket.emit("save later", "b")
                // Goes once the others are acknowledged, or given up.
                let sum: Int = try await socket.emitWithAck("sum", 1, 2)
                #expect(sum == 3)
                #expect(await handled.wait(for: 2) == ["a", "b"])
            }
        }
    }
}
