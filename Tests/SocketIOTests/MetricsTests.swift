import EngineIO
import Testing

@testable import SocketIO

/// What the server says that it has and that happened.
@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
    @Test func `a server that does not listen has nothing`() async {
        #expect(await SocketIOServer().metrics == SocketIOServer.Metrics())
    }

    @Test(arguments: [1, 4])
    func `events count both ways, a broadcast once for each socket, and acknowledgements are none`(
        loops: Int
    ) async throws {
        try await serve(loops: loops) { io, port in
            answerSync(io)
            io.onConnection { socket in
                socket.on("text") { (text: String) in socket.emit("text", text) }
                socket.on("number") { (number: Int) in socket.emit("number", number, number) }
                socket.on("bytes") { (bytes: [UInt8]) in socket.emit("bytes", bytes) }
                socket.on("all") { () in io.emit("all") }
                socket.on("later") { () async in
                    await Task.yield()
                    socket.emit("later", 1)
                }
            }
            let peers = try (0..<3).map { _ in try Peer(port) }
            let poller = try PollingPeer(port)
            try peers[0].send(#"2["text","a"]"#)
            _ = try peers[0].receive()
            try peers[0].send(#"2["number",1]"#)
            _ = try peers[0].receive()
            try peers[0].send(#"51-["bytes",{"_placeholder":true,"num":0}]"#)
            try peers[0].send(binary: [1])
            _ = try peers[0].receive()
            _ = try peers[0].receiveBinary()
            try peers[0].send(#"2["later"]"#)
            _ = try peers[0].receive()
            try peers[0].send(#"2["nobody handles it"]"#)
            try poller.send(#"2["text","b"]"#)
            #expect(try poller.receive() == #"2["text","b"]"#)
            // From another thread.
            io.emit("all", 1)
            for peer in peers { _ = try peer.receive() }
            _ = try poller.receive()
            try peers[1].send(#"2["all"]"#)
            for peer in peers { _ = try peer.receive() }
            _ = try poller.receive()
            for peer in peers { try peer.sync() }
            let metrics = await io.metrics
            // Three of `sync`.
            #expect(metrics.receivedEvents == 7 + 3)
            #expect(metrics.sentEvents == 5 + 8)
            #expect(metrics.counts == (await io.counts))
            #expect(metrics.counts.connections == [.webSocket: 3, .polling: 1])
            #expect(metrics.sessions == 4 && metrics.openedSessions == 4)
            #expect(metrics.receivedBytes > 1_000 && metrics.sentBytes > 1_000)
            #expect(metrics.bufferedBytes == 0 && metrics.pendingAcks == 0)
            #expect(metrics.loopLag.count == loops)
        }
    }

    @Test func `events of a namespace that has ended stay counted`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let rooms = io.namespaces { name, _ in name.hasPrefix("/room-") }
            rooms.on("hello") { (socket: Socket) in socket.emit("hello", "you") }
            let peer = try Peer(port)
            try peer.connect("/room-1")
            try peer.send(#"2/room-1,["hello"]"#)
            _ = try peer.receive()
            try peer.send("1/room-1,")
            try peer.sync()
            #expect(await eventually { await io.counts.sockets == ["/": 1] })
            let metrics = await io.metrics
            #expect(metrics.receivedEvents == 2 && metrics.sentEvents == 1)
            #expect(metrics.disconnects == [.clientNamespaceDisconnect: 1])
        }
    }

    @Test func `acknowledgements that are awaited count until they are settled`() async throws {
        try await serve(loops: 2) { io, port in
            let hold = Hold()
            answerSync(io)
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            async let first: Int = socket.emitWithAck("first", timeout: .seconds(60))
            async let second: Int = socket.emitWithAck("second", timeout: .seconds(60))
            let packet = try peer.receive()
            _ = try peer.receive()
            #expect(await io.metrics.pendingAcks == 2)
            try peer.send("3\(packet.dropFirst().prefix { $0.isNumber })[1]")
            try peer.sync()
            #expect(await io.metrics.pendingAcks == 1)
            peer.raw.abort()
            _ = try? await (first, second)
            #expect(await eventually { await io.metrics.pendingAcks == 0 })
        }
    }

    @Test func `refusals, disconnects and limits count by why`() async throws {
        try await serve(loops: 2) {
            $0.engine.maxHttpBufferSize = 1_000
            $0.limits.namespacesPerConnection = 1
            $0.limits.roomsPerSocket = 1
        } _: { io, port in
            answerSync(io)
            io.on("join") { (socket: Socket, rooms: [String]) in for room in rooms { socket.join(Room(room)) } }
            _ = try RawClient(port: port).get("/socket.io/?EIO=4&transport=polling&sid=nobody")
            _ = try RawClient(port: port).get("/socket.io/?EIO=4&transport=none")
            _ = try RawClient(port: port).get("/socket.io/?EIO=4&transport=none")
            let peer = try Peer(port)
            try peer.send("0/other,")
            #expect(try peer.receive().hasPrefix("4/other,"))
            try peer.send(#"2["join",["a","b"]]"#)
            try peer.sync()
            try peer.send(#"2["large","\#(String(repeating: "x", count: 2_000))"]"#)
            #expect(peer.isClosedByServer())
            let leaving = try Peer(port)
            try leaving.send("1")
            #expect(
                await eventually {
                    await io.metrics.disconnects == [.transportError: 1, .clientNamespaceDisconnect: 1]
                })
            let metrics = await io.metrics
            #expect(metrics.refusedRequests == [.unknownSession: 1, .unknownTransport: 2])
            #expect(
                metrics.limitsMet == ["maxHttpBufferSize": 1, "namespacesPerConnection": 1, "roomsPerSocket": 1])
        }
    }

    @Test func `a loop that does not answer is said to be missing, and Prometheus gets 503 for it`() async throws {
        try await serve(loops: 2) { io, port in
            answerSync(io)
            let (entered, gate) = (Gate(), Gate())
            io.on("block") { (_: Socket) in
                entered.open()
                _ = gate.wait()
            }
            let peers = try (0..<2).map { _ in try Peer(port) }
            try peers[0].send(#"2["block"]"#)
            #expect(entered.wait())
            let blocked = await io.context.metrics(within: .seconds(2))
            gate.open()
            #expect(blocked.unansweredLoops == 1)
            #expect(blocked.counts.sockets == ["/": 1])
            let page = HTTPResponse.prometheus(blocked)
            #expect(page.status == 503)
            #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("1 of 2 event loops did not answer"))
            #expect(blocked.prometheusText.contains("\nsocketio_unanswered_loops 1\n"))
            try peers[0].sync()
            let metrics = await io.metrics
            #expect((metrics.unansweredLoops, metrics.counts.sockets) == (0, ["/": 2]))
            #expect(HTTPResponse.prometheus(metrics).status == 200)
        }
    }

    @Test func `Prometheus reads them`() async throws {
        try await serve(loops: 1) { io, port in
            io.http.metrics()
            _ = io.namespace(#"/a"b\"#)
            let peer = try Peer(port)
            try peer.connect(#"/a"b\"#)
            let response = try RawClient(port: port).get("/metrics")
            #expect(response["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = response.text.split(separator: "\n").map(String.init)
            for line in [
                "# TYPE socketio_connections gauge", #"socketio_connections{transport="websocket"} 1"#,
                #"socketio_connections{transport="polling"} 0"#, #"socketio_sockets{namespace="/"} 1"#,
                #"socketio_sockets{namespace="/a\"b\\"} 1"#, "# TYPE socketio_events_received_total counter",
                "socketio_events_received_total 0", #"socketio_refused_requests_total{reason="unknown_session"} 0"#,
                #"socketio_disconnects_total{reason="ping timeout"} 0"#, "socketio_pending_acks 0",
            ] { #expect(lines.contains(line), "\(line)") }
            // Each name has one HELP, one TYPE, and then its numbers.
            var described: [String] = []
            for line in lines {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") {
                    #expect(!described.contains(String(words[2])))
                    described.append(String(words[2]))
                } else if !line.hasPrefix("#") {
                    #expect(line.prefix { $0 != "{" && $0 != " " } == described.last ?? "")
                    #expect(Double(words.last ?? "") != nil, "\(line)")
                }
            }
            #expect(lines.contains { $0.hasPrefix(#"socketio_loop_lag_seconds{loop="0"} "#) })
        }
    }

    @Test func `however many namespaces there are, so many have a series of their own`() {
        let few = Dictionary(uniqueKeysWithValues: (0..<100).map { ("/\($0)", 1) })
        #expect(PrometheusText.largest(of: few).count == 100)
        let many = Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("/\($0)", $0) })
        let largest = PrometheusText.largest(of: many)
        #expect(largest.count == 101)
        #expect(largest.contains { $0 == ("/9999", 9_999) } && largest.contains { $0 == ("/9900", 9_900) })
        #expect(largest.last?.0 == "others")
        #expect(largest.reduce(0) { $0 + $1.1 } == many.values.reduce(0, +))
        #expect(PrometheusText.escaped("a\nb\"c\\d") == #"a\nb\"c\\d"#)
    }
}
