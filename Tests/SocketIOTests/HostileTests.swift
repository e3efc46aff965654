import SocketIO
import Testing

/// What a client may try, by the numbers of the list in the history of this protocol's vulnerabilities.
@Suite struct HostileTests {
    /// Sends `messages` from one client each time, and expects the connection to be closed as `reason` says, another
    /// client to be served as before, and nothing to be left of the first.
    private func expectClosed(
        _ reason: String = "forced close", _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        at location: SourceLocation = #_sourceLocation, by messages: (Peer) throws -> Void
    ) async throws {
        try await serve(loops: 1, configure) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("x") { (_: Socket, _: JSONValue) in journal.note("handled") }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let witness = try Peer(port)
            let before = await io.counts()
            let peer = try Peer(port)
            try messages(peer)
            #expect(peer.isClosedByServer(), sourceLocation: location)
            #expect(journal.wait(for: 1) == [reason], sourceLocation: location)
            peer.raw.close()
            try witness.sync()
            #expect(await eventually { await io.counts() == before }, sourceLocation: location)
        }
    }

    // MARK: 7 and 8: attachment counts

    @Test(arguments: [
        #"5["x"]"#, #"5-["x"]"#, #"511-["x"]"#, #"59999999999-["x"]"#, #"599999999999999999999999-["x"]"#,
        #"51e9-["x"]"#, #"5-1-["x"]"#, #"50x1-["x"]"#, #"5 1-["x"]"#, #"51.0-["x"]"#, "5１-[\"x\"]", "511", "51-/x",
        #"6["x"]"#, #"611-[]"#,
    ])
    func `an attachment count that is none, or too large, closes`(packet: String) async throws {
        try await expectClosed { try $0.send(packet) }
    }

    @Test func `text where attachments are outstanding closes`() async throws {
        try await expectClosed { peer in
            try peer.send(#"52-["x",{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: [1])
            try peer.send(#"2["x",1]"#)
        }
    }

    @Test func `a binary message that nobody announced closes, also after a packet of none`() async throws {
        try await expectClosed { try $0.send(binary: [1]) }
        try await serve { io, port in
            io.on("x") { (_: Socket) in 1 }
            let peer = try Peer(port)
            try peer.send(#"50-7["x"]"#)
            #expect(try peer.receive() == "37[1]")
            try peer.send(binary: [1])
            #expect(peer.isClosedByServer())
        }
    }

    // MARK: 9: placeholders

    @Test(arguments: [
        "-1", "1", "1.5", "0.5", #""0""#, "9223372036854775808", "18446744073709551616", "NaN", "null", "true", "[0]",
        "{}",
        "1e400", "-0.1", "00",
    ])
    func `a placeholder without its attachment closes`(number: String) async throws {
        try await expectClosed { peer in
            try peer.send(#"51-["x",{"_placeholder":true,"num":\#(number)}]"#)
            try peer.send(binary: [1])
        }
        try await expectClosed { peer in
            try peer.send(#"51-["x",[{"a":{"num":\#(number),"_placeholder":true}}]]"#)
            try peer.send(binary: [1])
        }
    }

    @Test func `a placeholder without a number closes, and what only looks like one is data`() async throws {
        try await expectClosed { peer in
            try peer.send(#"51-["x",{"_placeholder":true}]"#)
            try peer.send(binary: [1])
        }
        try await serve { io, port in
            io.on("x") { (_: Socket, value: JSONValue) in value }
            let peer = try Peer(port)
            for value in [#"{"_placeholder":false,"num":5}"#, #"{"num":5}"#, #"{"_placeholder":1,"num":5}"#] {
                try peer.send(#"51-1["x",\#(value)]"#)
                try peer.send(binary: [1])
                #expect(try peer.receive() == "31[\(value)]")
            }
            // In a packet without attachments a placeholder is data, too.
            try peer.send(#"21["x",{"_placeholder":true,"num":0}]"#)
            #expect(try peer.receive() == #"31[{"_placeholder":true,"num":0}]"#)
        }
    }

    // MARK: 10: attachments that do not come

    @Test func `attachments that do not come in time close`() async throws {
        try await expectClosed("forced close", { $0.limits.attachmentTime = .milliseconds(40) }) { peer in
            try peer.send(#"52-["x",{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: [1])
        }
    }

    @Test func `attachments of a client that leaves are freed with it`() async throws {
        try await serve(loops: 1) { io, port in
            for _ in 0..<50 {
                let peer = try Peer(port)
                try peer.send(#"52-["x",{"_placeholder":true,"num":0}]"#)
                try peer.send(binary: Array(repeating: 1, count: 100_000))
                peer.raw.abort()
            }
            #expect(await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) })
        }
    }

    // MARK: 11: JSON

    @Test(arguments: ["[", "{\"a\":"])
    func `deep JSON closes`(open: String) async throws {
        let deep = String(repeating: open, count: 100_000)
        try await expectClosed { try $0.send(#"2["x",\#(deep)"#) }
        try await expectClosed { try $0.send("3\(deep)") }
        try await serve { io, port in
            let peer = try Peer(port, connecting: false)
            try peer.send("0{\"a\":\(deep)")
            #expect(peer.isClosedByServer())
        }
        try await expectClosed { peer in
            try peer.send(#"51-["x",\#(deep)"#)
            try peer.send(binary: [1])
        }
    }

    @Test func `JSON as deep as the limit is served, and one deeper closes`() async throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        try await expectClosed("forced close", { $0.limits.jsonDepth = 5 }) { peer in
            // The payload's own array is the first level.
            try peer.send(#"2999["sync",\#(nested(4))]"#)
            #expect(try peer.receive() == "3999[true]")
            try peer.send(#"2["x",\#(nested(5))]"#)
        }
    }

    @Test(arguments: [
        #"["x",01]"#, #"["x",1.]"#, #"["x",+1]"#, #"["x",'a']"#, #"["x",tru]"#, #"["x",nul]"#, #"["x"]]"#, #"["x"] x"#,
        #"["x",]"#, #"["x" 1]"#, #"["x",{"a"}]"#, #"["x",{a:1}]"#, #"["x",{"a":1,}]"#, "[\"x\",\"\n\"]", #"["x","\x"]"#,
        #"["x","\u12"]"#, #"["x",NaN]"#, #"["x",--1]"#, #"["x",1e]"#,
    ])
    func `what is not JSON closes`(payload: String) async throws {
        try await expectClosed { try $0.send("2\(payload)") }
    }

    @Test func `duplicate keys and lone surrogates are served`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("x") { (_: Socket, value: JSONValue) in journal.note("\(value["a"])") }
            io.on("text") { (_: Socket, text: String) in journal.note(text) }
            let peer = try Peer(port)
            try peer.send(#"2["x",{"a":1,"a":2}]"#)
            try peer.send(#"2["text","\ud800"]"#)
            try peer.sync()
            #expect(journal.lines.first == "\(JSONValue.integer(2))")
            #expect(journal.lines.count <= 2)
        }
    }

    @Test func `text that is not UTF-8 closes the WebSocket`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            try peer.raw.send(
                RawClient.frame(firstByte: 0x81, Array(#"42["x",""#.utf8) + [0xC0, 0xAF] + Array("\"]".utf8)))
            #expect(try peer.raw.receiveClose() == 1007)
            #expect(journal.wait(for: 1) == ["transport error"])
        }
    }

    // MARK: 12: ids

    @Test(arguments: [
        "2" + String(repeating: "9", count: 400) + #"["x"]"#, #"29007199254740992["x"]"#, #"200000000000000001["x"]"#,
        #"2 ["#, #"2 1["x"]"#, #"2+1["x"]"#, "2１[\"x\"]", #"2-1["x"]"#, #"21.5["x"]"#, "318446744073709551616[]",
    ])
    func `an id that is none, or too large, closes`(packet: String) async throws {
        try await expectClosed { try $0.send(packet) }
    }

    @Test func `the largest id, and one with zeros in front, are answered`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket) in 1 }
            let peer = try Peer(port)
            try peer.send(#"29007199254740991["x"]"#)
            #expect(try peer.receive() == "39007199254740991[1]")
            try peer.send(#"2007["x"]"#)
            #expect(try peer.receive() == "37[1]")
        }
    }

    // MARK: 14: packets out of place

    @Test(arguments: [
        #"2["x"]"#, "31[]", "1", #"51-["x",{"_placeholder":true,"num":0}]"#, #"61-1[{"_placeholder":true,"num":0}]"#,
        #"4{"message":"x"}"#, "",
    ])
    func `a packet before CONNECT closes`(packet: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { _ in journal.note("connected") }
            let peer = try Peer(port, connecting: false)
            try peer.send(packet)
            #expect(peer.isClosedByServer())
            #expect(await eventually { await io.counts().sessions == 0 })
            #expect(journal.lines == [])
        }
    }

    @Test func `unknown namespaces, however many, leave nothing behind`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let peer = try Peer(port)
            let before = await io.counts()
            let count = 20_000
            for batch in 0..<20 {
                var bytes: [UInt8] = []
                for number in 0..<count / 20 { bytes += RawClient.textFrame("40/n\(batch * 1000 + number),") }
                try peer.raw.send(bytes)
                for number in 0..<count / 20 {
                    let reply = try peer.receive()
                    guard reply == #"4/n\#(batch * 1000 + number),{"message":"Invalid namespace"}"# else {
                        throw Unexpected(what: reply)
                    }
                }
            }
            try peer.sync()
            #expect(await io.counts() == before)
        }
    }

    @Test func `a namespace with an endless name closes, also unfinished`() async throws {
        let name = "/" + String(repeating: "n", count: 100_000)
        try await expectClosed { try $0.send("0\(name),") }
        try await expectClosed { try $0.send("2\(name)") }
    }

    @Test func `joining and leaving namespaces over and over leaves nothing behind`() async throws {
        try await serve(loops: 1) { io, port in
            _ = io.namespace("/a")
            answerSync(io)
            let peer = try Peer(port)
            let before = await io.counts()
            for _ in 0..<500 {
                try peer.connect("/a")
                try peer.send("1/a,")
            }
            try peer.sync()
            #expect(await io.counts() == before)
        }
    }

    // MARK: 15: heartbeat

    @Test func `pongs that nobody asked for keep nobody alive`() async throws {
        try await serve(
            loops: 1,
            {
                $0.engine.pingInterval = .milliseconds(100)
                $0.engine.pingTimeout = .milliseconds(50)
            }
        ) { io, port in
            let journal = Journal()
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            // All before the first ping, whose pong never comes.
            for _ in 0..<1000 { try peer.raw.sendText("3") }
            #expect(try peer.raw.receiveText() == "2")
            #expect(peer.isClosedByServer())
            #expect(journal.wait(for: 1) == ["ping timeout"])
        }
    }

    // MARK: 17: a client that does not read

    @Test func `a client that never reads is given up while the others get everything`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 500_000 }) { io, port in
            let journal = Journal()
            io.onDisconnect { socket, reason in journal.note("\(socket.id) \(reason)") }
            let deaf = try Peer(port, receiveBuffer: 4096)
            let poller = try PollingPeer(port)
            let peer = try Peer(port)
            let text = String(repeating: "x", count: 50_000)
            for number in 0..<400 {
                io.emit("x", number, text)
                #expect(try peer.receive().hasPrefix(#"2["x",\#(number),"#))
            }
            #expect(
                Set(journal.wait(for: 2)) == ["\(deaf.sid) slow consumer", "\(poller.sid) slow consumer"])
            #expect(await eventually { await io.counts().sessions == 1 })
        }
    }

    // MARK: 24: churn

    @Test func `sockets, rooms and namespaces that come and go leave nothing behind`() async throws {
        try await serve(loops: 2) { io, port in
            let admin = io.namespace("/admin")
            io.onConnection { $0.join("a", "b", Room($0.id.description + "!")) }
            admin.onConnection { $0.join("a") }
            for round in 0..<100 {
                let peer = try Peer(port)
                try peer.connect("/admin")
                switch round % 4 {
                case 0: try peer.raw.sendClose()
                case 1: peer.raw.abort()
                case 2: peer.raw.close()
                default:
                    try peer.send("1")
                    try peer.send("1/admin,")
                    peer.raw.close()
                }
            }
            #expect(await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) })
        }
    }

    // MARK: Anything

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `mutated packets never stop the server`(seed: UInt64) async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("x") { (_: Socket, first: JSONValue, second: JSONValue) in [first, second] }
            io.on("typed") { (_: Socket, first: [String: [Int?]], second: [UInt8]?) in first.count }
            _ = io.namespace("/admin")
            var generator = SeededGenerator(seed: seed)
            let packets = [
                #"41["x",1]"#, #"42["x",{"a":[1,2,{"b":null}]},"\u00e9\n"]"#, #"421["typed",{"a":[1,null]}]"#,
                "40/admin,",
                #"42/admin,5["x"]"#, #"451-1["x",{"_placeholder":true,"num":0}]"#, "431[1]", "41/admin,", "40{}", "3",
                #"452-["x",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#,
            ].map { Array($0.utf8) }
            var peer = try Peer(port)
            for _ in 0..<300 {
                let packet = packets.randomElement(using: &generator) ?? []
                let isBinary = Int.random(in: 0..<4, using: &generator) == 0
                let frame = RawClient.frame(firstByte: isBinary ? 0x82 : 0x81, generator.mutate(packet))
                do {
                    try peer.raw.send(frame)
                } catch {
                    // The server closed it, as it should.
                    peer = try Peer(port)
                }
            }
            try Peer(port).sync()
        }
    }
}
