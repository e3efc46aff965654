import Foundation
import SocketIO
import Synchronization
import Testing

/// The protocol of the official admin UI; what is expected is its recorded traffic.
@Suite(.timeLimit(.minutes(1))) struct AdminTests {
    private static let auth = #"{"username":"admin","password":"secret"}"#

    /// A page that an administrator looks at.
    private final class Page {
        let peer: Peer
        private(set) var id = ""
        private(set) var session: String?
        private(set) var features: [String] = []

        /// - Parameter hasSession: Whether the server names a session before it answers.
        init(_ port: Int, _ auth: String = AdminTests.auth, hasSession: Bool = true) throws {
            peer = try Peer(port, connecting: false)
            try peer.send("0/admin,\(auth)")
            if hasSession { session = try next("session")[0].stringValue }
            let reply = try peer.receive()
            guard reply.hasPrefix(#"0/admin,{"sid":""#) else { throw Unexpected(what: reply) }
            id = String(reply.dropFirst(16).prefix(20))
            features = try next("config")[0]["supportedFeatures"].arrayValue?.compactMap(\.stringValue) ?? []
        }

        /// The next packet of that kind.
        func nextPacket(where condition: (String) -> Bool) throws -> String {
            try peer.raw.inOneWait {
                while true {
                    let packet = try peer.receive()
                    if condition(packet) { return packet }
                }
            }
        }

        /// The next packet but the numbers.
        func nextPacket() throws -> String {
            try peer.raw.inOneWait {
                while true {
                    let packet = try peer.receive()
                    if !packet.contains(#"["server_stats""#) { return packet }
                }
            }
        }

        /// The arguments of the next event, those before it with other names being skipped.
        func next(_ name: String, where condition: ([JSONValue]) -> Bool = { _ in true }) throws -> [JSONValue] {
            try peer.raw.inOneWait {
                while true {
                    let packet = try peer.receive()
                    guard packet.hasPrefix("2/admin,") else { throw Unexpected(what: packet) }
                    let values = try JSONDecoder().decode([JSONValue].self, from: Data(packet.dropFirst(8).utf8))
                    let arguments = Array(values.dropFirst())
                    if values.first?.stringValue == name, condition(arguments) { return arguments }
                }
            }
        }

        func ask(_ event: String) throws { try peer.send("2/admin,\(event)") }
    }

    private func administered(
        loops: Int = 2, _ configure: (inout AdminConfiguration) -> Void = { _ in },
        _ body: (SocketIOServer, Int) async throws -> Void
    ) async throws {
        try await serve(loops: loops) { io, port in
            io.admin(password: "secret", configure)
            answerSync(io)
            try await body(io, port)
        }
    }

    private func refusal(_ port: Int, _ auth: String) throws -> String {
        let peer = try Peer(port, connecting: false)
        try peer.send("0/admin,\(auth)")
        return try peer.receive()
    }

    // MARK: Who may look

    @Test(arguments: [
        "", "{}", #"{"username":"admin"}"#, #"{"username":"admin","password":"no"}"#,
        #"{"username":"root","password":"secret"}"#, #"{"sessionId":"0000000000000000"}"#,
        #"{"username":1,"password":[]}"#, #"{"username":"admin","password":"secretsecret"}"#,
    ])
    func `a wrong password is refused`(auth: String) async throws {
        try await administered { _, port in
            let answer = try refusal(port, auth)
            #expect(answer == #"4/admin,{"message":"invalid credentials"}"#)
        }
    }

    @Test func `an empty password lets nobody in`() async throws {
        try await serve { io, port in
            io.admin(password: "")
            let answer = try refusal(port, #"{"username":"admin","password":""}"#)
            #expect(answer == #"4/admin,{"message":"invalid credentials"}"#)
        }
    }

    @Test func `a session is come back to without the password`() async throws {
        try await administered { _, port in
            let page = try Page(port)
            let session = try #require(page.session)
            #expect(session.count == 32)
            let again = try Page(port, #"{"sessionId":"\#(session)"}"#, hasSession: false)
            #expect(again.features == page.features)
        }
    }

    @Test func `guesses are limited, and who has a session still comes in`() async throws {
        try await administered {
            $0.limits.attempts = 3
        } _: { _, port in
            let page = try Page(port)
            for _ in 0..<2 {
                #expect(try refusal(port, "{}") == #"4/admin,{"message":"invalid credentials"}"#)
            }
            for auth in ["{}", Self.auth] {
                #expect(try refusal(port, auth) == #"4/admin,{"message":"too many attempts"}"#)
            }
            _ = try Page(port, #"{"sessionId":"\#(page.session ?? "")"}"#, hasSession: false)
        }
    }

    @Test func `without a password everybody looks`() async throws {
        try await serve { io, port in
            io.adminWithoutPassword()
            _ = try Page(port, "", hasSession: false)
        }
    }

    // MARK: What is told

    @Test(arguments: [
        (
            false, AdminConfiguration.Mode.development,
            [
                "EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT", "AGGREGATED_EVENTS",
                "ALL_EVENTS",
            ]
        ), (true, .development, ["AGGREGATED_EVENTS", "ALL_EVENTS"]), (true, .production, ["AGGREGATED_EVENTS"]),
    ])
    func `the page is told what it may show`(
        isReadOnly: Bool, mode: AdminConfiguration.Mode, features: [String]
    ) async throws {
        try await administered {
            $0.isReadOnly = isReadOnly
            $0.mode = mode
        } _: { _, port in
            let page = try Page(port)
            #expect(page.features == features)
        }
    }

    @Test func `sockets, rooms and their ends are told as they happen`() async throws {
        try await administered { io, port in
            io.onConnection { socket in
                if socket.handshake.query["token"] != nil { socket.data.name = "ada" }
                socket.on("join") { (room: String) in socket.join(room) }
                socket.on("leave") { (room: String) in socket.leave(room) }
            }
            let early = try Peer(port, query: "&token=x")
            let page = try Page(port)
            let all = try page.next("all_sockets")[0].arrayValue ?? []
            #expect(Set(all.map { $0["id"].stringValue }) == [early.sid, page.id])
            let shown = try #require(all.first { $0["id"].stringValue == early.sid })
            #expect(shown["nsp"] == "/" && shown["transport"] == "websocket" && shown["data"]["name"] == "ada")
            #expect(shown["rooms"] == [.string(early.sid)])
            #expect(early.open.contains(shown["clientId"].stringValue ?? "none"))
            #expect(shown["clientId"].stringValue?.count == 12)
            #expect(shown["handshake"]["query"]["token"] == "x" && shown["handshake"]["secure"] == false)
            #expect(shown["handshake"]["address"] == "127.0.0.1")

            let late = try Peer(port)
            let joined = try page.next("room_joined")
            #expect(joined.prefix(3) == ["/", .string(late.sid), .string(late.sid)])
            #expect(joined[3].stringValue?.hasSuffix("Z") == true)
            let connected = try page.next("socket_connected")
            #expect(connected[0]["id"].stringValue == late.sid && connected.count == 2)
            try late.send(#"2["join","r1"]"#)
            #expect(try page.next("room_joined").prefix(3) == ["/", "r1", .string(late.sid)])
            try late.send(#"2["leave","r1"]"#)
            #expect(try page.next("room_left").prefix(3) == ["/", "r1", .string(late.sid)])
            late.raw.close()
            let disconnected = try page.next("socket_disconnected")
            #expect(disconnected.prefix(3) == ["/", .string(late.sid), "transport close"])
            #expect(try page.next("room_left").prefix(3) == ["/", .string(late.sid), .string(late.sid)])
        }
    }

    @Test func `another transport is told`() async throws {
        try await administered { io, port in
            let page = try Page(port)
            let poller = try PollingPeer(port)
            #expect(
                try page.next("socket_connected") { $0[0]["id"].stringValue == poller.sid }[0]["transport"] == "polling"
            )
            _ = try Peer(port, upgrading: poller)
            #expect(
                try page.next("socket_updated")
                    == [["id": .string(poller.sid), "nsp": "/", "transport": "websocket"]])
        }
    }

    @Test func `what is told stays on its node`() async throws {
        let adapter = ScriptedAdapter()
        try await serve {
            $0.adapter = adapter
        } _: { io, port in
            io.admin(password: "secret")
            let page = try Page(port)
            let peer = try Peer(port)
            _ = try page.next("socket_connected") { $0[0]["id"].stringValue == peer.sid }
            #expect(adapter.state.withLock { $0.messages.map(\.words) } == [])
        }
    }

    @Test func `what is kept with a socket is told as it changes, whole`() async throws {
        try await administered { io, port in
            io.use { socket in socket.data.role = "guest" }
            io.on("rename") { (socket: Socket, name: String) in socket.data.name = name }
            let page = try Page(port)
            _ = try page.next("all_sockets")
            let peer = try Peer(port)
            #expect(try page.next("socket_connected")[0]["data"] == ["role": "guest"])
            for name in ["ada", "bob"] {
                try peer.send(#"2["rename","\#(name)"]"#)
                let told = try page.next("socket_updated")
                #expect(
                    told == [["id": .string(peer.sid), "nsp": "/", "data": ["role": "guest", "name": .string(name)]]])
            }
        }
    }

    @Test(arguments: [1, 2]) func `events are told in both directions, with their bytes, as long as somebody looks`(
        loops: Int
    ) async throws {
        try await administered(loops: loops) { io, port in
            io.on("hi") { (socket: Socket, arguments: EventArguments) in
                socket.emit("goodbye", ["x": 1], [1, 2] as [UInt8])
            }
            let (early, page) = (try Peer(port), try Page(port))
            _ = try page.next("all_sockets")
            let late = try Peer(port)
            for peer in [early, late] {
                let sid = JSONValue.string(peer.sid)
                try peer.send(#"2["hi",1,"two"]"#)
                #expect(try peer.receive() == #"51-["goodbye",{"x":1},{"_placeholder":true,"num":0}]"#)
                #expect(try peer.receiveBinary() == [1, 2])
                let received = try page.next("event_received")
                #expect(received.prefix(3) == ["/", sid, ["hi", 1, "two"]] && received.count == 4)
                let sent = try page.nextPacket()
                #expect(sent.hasPrefix(#"51-/admin,["event_sent","/","\#(peer.sid)",["goodbye",{"x":1},{"#))
                #expect(try page.peer.receiveBinary() == [1, 2])
            }
            // Once for each socket.
            io.emit("all", 1)
            var reached: Set<JSONValue> = []
            for _ in 0..<2 {
                let sent = try page.next("event_sent")
                #expect(sent[2] == ["all", 1])
                reached.insert(sent[1])
            }
            #expect(reached == [.string(early.sid), .string(late.sid)])
            page.peer.raw.close()
            #expect(await eventually { await io.counts.sockets["/admin"] == nil })
            _ = try early.receive()
            try early.send(#"2["hi"]"#)
            _ = (try early.receive(), try early.receiveBinary())
            try early.sync()
        }
    }

    // MARK: What may be done

    @Test func `an administrator emits, joins, leaves and disconnects`() async throws {
        try await administered { io, port in
            _ = io.namespace("/chat")
            let (a, b) = (try Peer(port), try Peer(port))
            let page = try Page(port)
            try page.ask(#"["join","/","room2","\#(a.sid)"]"#)
            #expect(try page.next("room_joined") { $0[1] == "room2" }.prefix(3) == ["/", "room2", .string(a.sid)])
            try page.ask(#"["emit","/","room2","hello",1,{"a":2}]"#)
            #expect(try a.receive() == #"2["hello",1,{"a":2}]"#)
            try page.ask(#"["join","/","room3"]"#)
            for _ in 0..<2 { _ = try page.next("room_joined") { $0[1] == "room3" } }
            try page.ask(#"["leave","/","room3",["\#(b.sid)"]]"#)
            #expect(try page.next("room_left").prefix(3) == ["/", "room3", .string(b.sid)])
            try page.ask(#"["emit","/",null,"all"]"#)
            for peer in [a, b] { #expect(try peer.receive() == #"2["all"]"#) }
            try page.ask(#"["_disconnect","/",false,"\#(a.sid)"]"#)
            #expect(try a.receive() == "1")
            #expect(
                try page.next("socket_disconnected").prefix(3) == ["/", .string(a.sid), "server namespace disconnect"])
            try page.ask(#"["_disconnect","/",true]"#)
            #expect(try b.receive() == "1" && b.isClosedByServer())
        }
    }

    @Test(arguments: [
        #"["emit","/"]"#, #"["emit"]"#, #"["emit","/",null]"#, #"["emit","/",null,"disconnect"]"#,
        #"["emit",1,null,"x"]"#,
        #"["emit","/",{"a":1},"x"]"#, #"["emit","/",["a",1],"x"]"#, #"["emit","/nowhere",null,"x"]"#,
        #"["emit","/",null,7]"#, #"["join","/"]"#, #"["join","/",1]"#, #"["leave","/",null,null]"#,
        #"["_disconnect","/","yes"]"#, #"["_disconnect","/nowhere",true]"#,
    ])
    func `what is no command harms nobody`(command: String) async throws {
        try await administered { io, port in
            let peer = try Peer(port)
            let page = try Page(port)
            try page.ask(command)
            try page.ask(#"["emit","/",null,"fine"]"#)
            #expect(try peer.receive() == #"2["fine"]"#)
            #expect(await io.counts.sockets.keys.contains("/nowhere") == false)
        }
    }

    // MARK: The page

    @Test(arguments: ["/look", "look/"]) func `the page is served with what it needs, and nothing else may run on it`(
        path: String
    ) async throws {
        try await serve {
            $0.engine.path = "/my.io/"
        } _: { io, port in
            io.admin(password: "secret") {
                $0.page = path
                $0.namespace = #"a"&<b"#
            }
            let page = try RawClient(port: port).get("/look")
            #expect(page.status == 200 && page["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains(#"data-namespace="/a&quot;&amp;&lt;b" data-path="/my.io""#))
            #expect(page.text.contains(#"<script src="/my.io/socket.io.min.js">"#) && !page.text.contains("{p"))
            let policy = try #require(page["content-security-policy"])
            #expect(
                policy.contains("script-src 'self' https://cdn.socket.io;") && policy.contains("default-src 'none'"))
            for file in ["style.css", "model.js", "admin.js"] {
                #expect(page.text.contains(#""/look/\#(file)""#))
                let answer = try RawClient(port: port).get("/look/\(file)")
                #expect(answer.status == 200 && answer["x-content-type-options"] == "nosniff")
            }
        }
    }

    @Test func `there is no page unless it is asked for`() async throws {
        try await administered { _, port in
            let answer = try RawClient(port: port).get("/admin")
            #expect(answer.status == 404)
        }
    }

    @Test func `no more bytes are told at once than the limit allows, however few sockets they are of`() async throws {
        try await administered {
            $0.limits.socketBytes = 10_000
        } _: { io, port in
            io.on("join") { (socket: Socket, rooms: [String]) in for room in rooms { socket.join(Room(room)) } }
            let peers = try (0..<8).map { _ in try Peer(port) }
            for peer in peers {
                let rooms = (0..<4).map { "\"\($0)\(String(repeating: "x", count: 999))\"" }.joined(separator: ",")
                try peer.send(#"2["join",[\#(rooms)]]"#)
                try peer.sync()
            }
            let page = try Page(port)
            let packet = try page.nextPacket(where: { $0.contains(#"["all_sockets""#) })
            #expect(packet.utf8.count < 11_000)
            let shown = packet.components(separatedBy: #""clientId""#).count - 1
            // The administrator's own socket may be one of them.
            #expect((2...3).contains(shown), "\(shown)")
            for peer in peers { peer.raw.close() }
        }
    }

    @Test func `no more sockets are told at once than the limit allows`() async throws {
        try await administered {
            $0.limits.sockets = 3
        } _: { _, port in
            let peers = try (0..<5).map { _ in try Peer(port) }
            let page = try Page(port)
            let shown = try page.next("all_sockets")[0].arrayValue
            #expect(shown?.count == 3)
            for peer in peers { peer.raw.close() }
        }
    }
}
