import SocketIO
import Testing

@Suite struct NamespaceTests {
    @Test func `namespaces share a connection and nothing else`() async throws {
        try await serve { io, port in
            let admin = io.namespace("/admin")
            io.on("who") { (_: Socket) in "main" }
            admin.on("who") { (_: Socket) in "admin" }
            io.onConnection { $0.join("room") }
            let peer = try Peer(port)
            let adminID = try peer.connect("/admin")
            #expect(adminID != peer.sid)
            try peer.send(#"21["who"]"#)
            #expect(try peer.receive() == #"31["main"]"#)
            try peer.send(#"2/admin,1["who"]"#)
            #expect(try peer.receive() == #"3/admin,1["admin"]"#)
            admin.to("room").emit("nobody")
            admin.emit("all", 1)
            #expect(try peer.receive() == #"2/admin,["all",1]"#)
            io.to("room").emit("main", 2)
            #expect(try peer.receive() == #"2["main",2]"#)
        }
    }

    @Test func `a DISCONNECT ends one namespace, which can be joined again`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            let admin = io.namespace("admin")
            #expect(admin.name == "/admin")
            admin.onDisconnect { socket, reason in journal.note("\(socket.id) \(reason)") }
            let peer = try Peer(port)
            let first = try peer.connect("/admin")
            try peer.send("1/admin,")
            try peer.sync()
            #expect(journal.wait(for: 1) == ["\(first) client namespace disconnect"])
            let second = try peer.connect("/admin")
            #expect(second != first)
            try peer.send("1/admin")
            try peer.sync()
            #expect(journal.wait(for: 2).last == "\(second) client namespace disconnect")
        }
    }

    @Test func `attachments find their way whatever was joined and left before`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.on("bytes") { (socket: Socket, bytes: [UInt8]) in socket.emit("main", bytes) }
            io.namespace("/a").on("bytes") { (socket: Socket, bytes: [UInt8]) in socket.emit("a", bytes) }
            let peer = try Peer(port)
            func exchange(_ prefix: String, _ name: String, _ byte: UInt8) throws {
                try peer.send(#"51-\#(prefix)["bytes",{"_placeholder":true,"num":0}]"#)
                try peer.send(binary: [byte])
                #expect(try peer.receive() == #"51-\#(prefix)["\#(name)",{"_placeholder":true,"num":0}]"#)
                #expect(try peer.receiveBinary() == [byte])
            }
            for round in 0..<3 as Range<UInt8> {
                try exchange("", "main", round)
                try peer.sync()
                try peer.connect("/a")
                try exchange("/a,", "a", round + 10)
                try exchange("", "main", round + 20)
                try peer.send("1")
                try exchange("/a,", "a", round + 30)
                try peer.connect()
                try exchange("", "main", round + 40)
                try peer.send("1/a,")
            }
            // Attachments that nobody announced are a violation, even after some that were.
            try peer.send(binary: [1])
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `what arrives at once finds its socket, whatever it joins and leaves on the way`() async throws {
        try await serve { io, port in
            for namespace in [io.namespace("/"), io.namespace("/a")] {
                namespace.on("ask") { (_: Socket, number: Int) in [namespace.name, "\(number)"] }
            }
            let packets = [
                "0", "0/a,", #"21["ask",1]"#, #"2/a,2["ask",2]"#, "1", #"2/a,3["ask",3]"#, "0", #"24["ask",4]"#, "1/a,",
                #"25["ask",5]"#, "1", "0", "1", "0/a,", #"2/a,6["ask",6]"#, "0", #"27["ask",7]"#, "1/a,",
                #"28["ask",8]"#,
            ]
            let peer = try Peer(port, connecting: false)
            try peer.raw.send(packets.flatMap { RawClient.textFrame("4" + $0) })
            var acknowledged: [String] = []
            while acknowledged.count < 8 {
                let packet = try peer.receive()
                if packet.hasPrefix("3") { acknowledged.append(packet) }
            }
            #expect(
                acknowledged == [
                    #"31[["/","1"]]"#, #"3/a,2[["/a","2"]]"#, #"3/a,3[["/a","3"]]"#, #"34[["/","4"]]"#,
                    #"35[["/","5"]]"#, #"3/a,6[["/a","6"]]"#, #"37[["/","7"]]"#, #"38[["/","8"]]"#,
                ])
        }
    }

    @Test func `the main namespace may be left and a named one kept`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.namespace("/a").on("x") { (socket: Socket) in socket.emit("y") }
            let peer = try Peer(port, connecting: false)
            try peer.connect("/a")
            try peer.send(#"2/a,["x"]"#)
            #expect(try peer.receive() == #"2/a,["y"]"#)
            try peer.connect()
            try peer.send("1")
            try peer.send(#"2/a,["x"]"#)
            #expect(try peer.receive() == #"2/a,["y"]"#)
        }
    }

    @Test func `a connection joins as many namespaces as the limit says`() async throws {
        try await serve({ $0.limits.namespacesPerConnection = 3 }) { io, port in
            for name in ["/a", "/b", "/c"] { _ = io.namespace(name) }
            answerSync(io)
            let peer = try Peer(port)
            try peer.connect("/a")
            try peer.connect("/b")
            try peer.send("0/c,")
            #expect(try peer.receive().hasPrefix(#"4/c,{"message":""#))
            try peer.sync()
            try peer.send("1/a,")
            try peer.connect("/c")
        }
    }

    @Test(arguments: [#"2/admin,["x"]"#, "1/admin,", "3/admin,1[]", #"51-/admin,["x",{"_placeholder":true,"num":0}]"#])
    func `a packet for a namespace that was not joined closes the connection`(packet: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            _ = io.namespace("/admin")
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let peer = try Peer(port)
            try peer.send(packet)
            #expect(peer.isClosedByServer())
            #expect(journal.wait(for: 1) == ["forced close"])
        }
    }

    @Test(arguments: ["", "/b,"]) func `what crosses the server's DISCONNECT is ignored`(_ prefix: String) async throws
    {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            let namespace = io.namespace(prefix.isEmpty ? "/" : "/b")
            namespace.on("x") { (_: Socket) in journal.note("x") }
            answerSync(io.namespace("/c"))
            let peer = try Peer(port, connecting: false)
            try peer.connect("/c")
            for _ in 0..<2 {
                try peer.connect(prefix.isEmpty ? "" : "/b")
                namespace.disconnectSockets()
                #expect(try peer.receive() == "1\(prefix)")
                // As sent before that was read.
                try peer.send("2\(prefix)[\"x\"]")
                try peer.send("2\(prefix)5[\"x\"]")
                try peer.send("3\(prefix)1[]")
                try peer.send("51-\(prefix)[\"x\",{\"_placeholder\":true,\"num\":0}]")
                try peer.send(binary: [1])
                try peer.send("1\(prefix)")
                try peer.send(#"2/c,999["sync"]"#)
                #expect(try peer.receive() == "3/c,999[true]")
            }
            #expect(journal.lines == [])
            // One that it has left itself is not excused.
            try peer.connect(prefix.isEmpty ? "" : "/b")
            try peer.send("1\(prefix)")
            try peer.send("2\(prefix)[\"x\"]")
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `what crosses the server's DISCONNECT of the only namespace is ignored`() async throws {
        try await serve(loops: 1) { io, port in
            answerSync(io)
            let peer = try Peer(port)
            io.disconnectSockets()
            #expect(try peer.receive() == "1")
            try peer.send(#"2["x"]"#)
            try peer.connect()
            try peer.sync()
        }
    }

    @Test func `a namespace made while the server runs can be joined`() async throws {
        try await serve { io, port in
            let peer = try Peer(port)
            try peer.send("0/late,")
            #expect(try peer.receive() == #"4/late,{"message":"Invalid namespace"}"#)
            let late = io.namespace("/late")
            late.onConnection { $0.emit("welcome") }
            try peer.connect("/late")
            #expect(try peer.receive() == #"2/late,["welcome"]"#)
        }
    }

    @Test func `no name and a slash are the main namespace`() async throws {
        try await serve { io, port in
            let main = io.namespace("")
            #expect(main === io.namespace("/") && main.name == "/")
            main.on("x") { (_: Socket) in 1 }
            let peer = try Peer(port)
            // Written out, as some clients do.
            try peer.send(#"2/,7["x"]"#)
            #expect(try peer.receive() == "37[1]")
        }
    }

    @Test func `a namespace that no client can name is told, once`() async throws {
        let lines = Journal()
        try await serve({ $0.logger = LineLogger(lines) }) { io, _ in
            for name in ["/a,b", "/a,b", String(repeating: "n", count: 512), "/" + String(repeating: "n", count: 511)] {
                _ = io.namespace(name)
            }
            let warnings = lines.lines.filter { $0.hasPrefix("warning: no client can be in the namespace ") }
            try #require(warnings.count == 2)
            #expect(warnings[0].hasSuffix("'/a,b': a name ends at its comma"))
            #expect(warnings[1].hasSuffix("nnn': a name has at most 512 bytes"))
        }
    }

    @Test func `middlewares of one namespace do not guard another`() async throws {
        try await serve { io, port in
            io.use { _ in throw ConnectionRefused("main is closed") }
            _ = io.namespace("/open")
            let peer = try Peer(port, connecting: false)
            try peer.connect("/open")
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"main is closed"}"#)
        }
    }
}
