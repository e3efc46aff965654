import SocketIOWire
import TestSupport
import Testing

/// Nodes, clients and a clock that do what chance says, and what must hold all the while.
@Suite struct NodeWalkTests {
    private static let patience = Duration.seconds(45)

    @Test(arguments: 1...10)
    func `whatever a node, a directory and a client do, a request ends once, and is answered whole or not at all`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var ends: [String: Int] = [:]
        for _ in 0..<3_000 { ends[Self.exchange(&random), default: 0] += 1 }
        #expect(Set(ends.keys) == ["refuse", "end", "end, kept", "splice", "cut", "left"], "\(ends)")
    }

    /// One request; how it ended.
    private static func exchange(_ random: inout SeededGenerator) -> String {
        let body = Array(String(repeating: "body", count: Int.random(in: 0..<20, using: &random)).utf8)
        var script = answer(body, &random)
        let isMutated = Int.random(in: 0..<4, using: &random) == 0
        if isMutated { script = random.mutate(script) }
        var exchange = NodeExchange(passingOn: .get, patience: patience, now: NodeExchangeTests.at(0))
        var second = 0
        var words: [String] = []
        var received: [UInt8] = []
        var isSent = false
        func note(_ action: NodeExchange.Action?) {
            guard let action else { return }
            words.append(NodeExchangeTests.word(action))
            if case .send = action { isSent = true }
        }
        while !exchange.isOver {
            second += 1
            let now = NodeExchangeTests.at(second)
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                exchange.abandon()
                words.append("left")
            case 1 where isSent: note(exchange.nodeFinished())
            case 2: note(exchange.found(false))
            case 3: note(exchange.connectFailed())
            case 4..<8: note(exchange.found(true))
            case 8..<12: note(exchange.connected(now: now))
            case 12:
                second += 40
                let isDue = exchange.deadline.map { $0 <= NodeExchangeTests.at(second) } ?? false
                let action = exchange.handleTimeout(isPaused: false, now: NodeExchangeTests.at(second))
                #expect((NodeExchangeTests.word(action) != "-") == isDue)
                note(action)
            default:
                guard isSent else { continue }
                if script.isEmpty {
                    note(exchange.nodeFinished())
                    continue
                }
                let piece = Array(script.prefix(Int.random(in: 1...30, using: &random)))
                script.removeFirst(piece.count)
                var cursor = 0
                while let action = exchange.receive(piece.span, from: &cursor, now: now) {
                    if case .piece(let range) = action { received += piece[range] } else { note(action) }
                }
            }
        }
        #expect(exchange.deadline == nil)
        #expect(words.filter { $0.hasPrefix("answer") }.count <= 1)
        #expect(words.filter { $0 == "connect" }.count <= 1)
        #expect(words.filter { $0 == "send" }.count <= 1)
        if !isMutated, words.last?.hasPrefix("end") == true { #expect(received == body) }
        // Nothing happens any more.
        var cursor = 0
        let rest: [UInt8] = [1]
        let late = [
            exchange.receive(rest.span, from: &cursor, now: NodeExchangeTests.at(second)), exchange.found(true),
            exchange.nodeFinished(), exchange.connectFailed(),
        ]
        #expect(late.map(NodeExchangeTests.word) == ["-", "-", "-", "-"])
        return words.last ?? "nothing"
    }

    private static func answer(_ body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
        case 1:
            Array("HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
        case 2:
            Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
                + (body.isEmpty
                    ? [] : Array(String(body.count, radix: 16).utf8) + Array("\r\n".utf8) + body + Array("\r\n".utf8))
                + Array("0\r\n\r\n".utf8)
        default: Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes".utf8)
        }
    }

    @Test(arguments: 1...10)
    func `whatever two ends do, what one sends comes to the other in order, and little is held`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ends: [String: Int] = [:]
        for _ in 0..<300 { ends[Self.tunnel(&random), default: 0] += 1 }
        #expect(Set(ends.keys) == ["finished", "lost", "shut", "silent"], "\(ends)")
    }

    /// One tunnel; how it ended.
    private static func tunnel(_ random: inout SeededGenerator) -> String {
        var second = 0
        var tunnel = NodeTunnel(patience: patience, now: NodeExchangeTests.at(0))
        var sent: [NodeTunnel.Side: Int] = [:]
        /// What waits for a side, in the order of the numbers that the other has sent.
        var waiting: [NodeTunnel.Side: Int] = [:]
        var taken: [NodeTunnel.Side: Int] = [:]
        while true {
            second += 1
            let now = NodeExchangeTests.at(second)
            let side = NodeTunnel.Side.allCases.randomElement(using: &random)!
            switch Int.random(in: 0..<400, using: &random) {
            case 0:
                #expect(tunnel.finished(side) == [.finish(side.other), .finish(side)])
                return end(tunnel, "finished")
            case 1:
                #expect(tunnel.lost(side) == [.finish(side.other)])
                return end(tunnel, "lost")
            case 2:
                #expect(tunnel.shutDown() == [.close])
                return end(tunnel, "shut")
            case 3..<6:
                second += 44
                let isDue = tunnel.deadline.map { $0 <= NodeExchangeTests.at(second) } ?? false
                let actions = tunnel.handleTimeout(now: NodeExchangeTests.at(second))
                #expect(actions == (isDue ? [.close] : []))
                if isDue { return end(tunnel, "silent") }
            case 6..<200:
                guard tunnel.isRead(unsent: waiting[side.other, default: 0]) else { continue }
                let count = Int.random(in: 1...20_000, using: &random)
                let goesOn = tunnel.receive(now: now)
                #expect(goesOn)
                sent[side, default: 0] += count
                waiting[side.other, default: 0] += count
                #expect(waiting[side.other, default: 0] < NodeTunnel.unsentLimit + 20_000)
            default:
                let count = Int.random(in: 0...waiting[side, default: 0], using: &random)
                waiting[side, default: 0] -= count
                taken[side, default: 0] += count
            }
            for side in NodeTunnel.Side.allCases {
                #expect(taken[side, default: 0] + waiting[side, default: 0] == sent[side.other, default: 0])
            }
        }
    }

    private static func end(_ tunnel: NodeTunnel, _ how: String) -> String {
        var tunnel = tunnel
        let now = NodeExchangeTests.at(1_000_000)
        #expect(tunnel.deadline == nil && !tunnel.isRead(unsent: 0))
        let goesOn = tunnel.receive(now: now)
        #expect(!goesOn)
        let late = [
            tunnel.finished(.client), tunnel.lost(.node), tunnel.shutDown(), tunnel.handleTimeout(now: now),
        ]
        #expect(late == [[], [], [], []])
        return how
    }
}
