import SocketIO
import Testing

/// Rooms and events whose names are variables, as in the commonest chat handler of all.
@Suite struct VariableNameTests {
    @Test func `rooms from variables are joined, named, left out and left`() async throws {
        // One loop: what is sent to a room is there before the answer to what was sent next.
        try await serve(loops: 1) { io, port in
            answerSync(io)
            io.on("join") { (socket: Socket, room: String) in
                socket.join(room)
                socket.to(room).emit("joined", room)
                socket.emit("in", socket.rooms.contains(room))
            }
            io.on("leave") { (socket: Socket, rooms: [String]) in
                socket.leave(rooms)
                for room in rooms { socket.leave(room) }
                socket.emit("in", socket.rooms.contains(rooms[0]))
            }
            io.on("say") { (socket: Socket, room: String, but: String) in
                io.to(room).except(but).emit("said", room)
                io.to([room]).except([but]).emit("again", room)
            }
            let peer = try Peer(port)
            let other = try Peer(port)
            try peer.send(#"2["join","a"]"#)
            #expect(try peer.receive() == #"2["in",true]"#)
            try other.send(#"2["join","a"]"#)
            #expect(try other.receive() == #"2["in",true]"#)
            #expect(try peer.receive() == #"2["joined","a"]"#)
            try other.send(#"2["join","b"]"#)
            #expect(try other.receive() == #"2["in",true]"#)
            try peer.send(#"2["say","a","b"]"#)
            #expect(try peer.receive() == #"2["said","a"]"#)
            #expect(try peer.receive() == #"2["again","a"]"#)
            try other.sync()
            try peer.send(#"2["leave",["a"]]"#)
            #expect(try peer.receive() == #"2["in",false]"#)
        }
    }

    @Test func `all sockets join and leave rooms from variables`() async throws {
        try await serve { io, port in
            let name = "room " + String(1)
            io.on("in") { (socket: Socket, isIn: Bool) in
                if isIn { io.socketsJoin(name) } else { io.socketsLeave(name) }
                socket.emit("is", socket.rooms.contains(name))
            }
            let peer = try Peer(port)
            try peer.send(#"2["in",true]"#)
            #expect(try peer.receive() == #"2["is",true]"#)
            try peer.send(#"2["in",false]"#)
            #expect(try peer.receive() == #"2["is",false]"#)
        }
    }

    @Test func `handlers of events from variables are called in every form`() async throws {
        try await serve { io, port in
            let names = ["plain", "async", "sum", "async sum"].map { $0 + " " + String(1) }
            io.on(names[0]) { (socket: Socket, a: Int, b: Int) in socket.emit("got", a, b) }
            io.on(names[1]) { (socket: Socket, a: Int, b: Int) in
                await Task.yield()
                socket.emit("got", a, b)
            }
            io.on(names[2]) { (_: Socket, a: Int, b: Int) in a + b }
            io.on(names[3]) { (_: Socket, a: Int, b: Int) in
                await Task.yield()
                return a + b
            }
            io.onConnection { socket in
                let names = names.map { "own " + $0 }
                socket.on(names[0]) { (a: Int, b: Int) in socket.emit("got", a, b) }
                socket.on(names[1]) { (a: Int, b: Int) in
                    await Task.yield()
                    socket.emit("got", a, b)
                }
                socket.on(names[2]) { (a: Int, b: Int) in a + b }
                socket.on(names[3]) { (a: Int, b: Int) in
                    await Task.yield()
                    return a + b
                }
            }
            let peer = try Peer(port)
            for name in names[..<2].flatMap({ [$0, "own " + $0] }) {
                try peer.send(#"2["\#(name)",1,2]"#)
                #expect(try peer.receive() == #"2["got",1,2]"#, "\(name)")
            }
            for name in names[2...].flatMap({ [$0, "own " + $0] }) {
                try peer.send(#"27["\#(name)",1,2]"#)
                #expect(try peer.receive() == "37[3]", "\(name)")
            }
        }
    }

    @Test func `a handler of a variable name is called once, and removed`() async throws {
        try await serve { io, port in
            answerSync(io)
            let name = "x " + String(1)
            io.on(name) { (socket: Socket) in socket.emit("shared") }
            io.onConnection { socket in
                socket.once(name) { socket.emit("once") }
                socket.on("off") { socket.off(name) }
                socket.on(name) { socket.emit("own") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["x 1"]"#)
            for answer in ["shared", "once", "own"] { #expect(try peer.receive() == #"2["\#(answer)"]"#) }
            try peer.send(#"2["off"]"#)
            try peer.send(#"2["x 1"]"#)
            #expect(try peer.receive() == #"2["shared"]"#)
            try peer.sync()
            io.off(name)
            try peer.send(#"2["x 1"]"#)
            try peer.sync()
        }
    }

    @Test func `events are sent under variable names by whatever can send`() async throws {
        try await serve { io, port in
            io.on("go") { (socket: Socket, name: String) in
                socket.emit(name)
                socket.emit(name, 1)
                socket.emit(name, 1, "two")
                socket.emit("\(name)!", name)
                socket.volatile.emit(name, 2)
                io.emit(name, 3)
                io.to(socket.id).emit(name, 4)
            }
            io.on("ask") { (socket: Socket, name: String) in
                let reply: Int = try await socket.emitWithAck(name, 5)
                let all = await io.emitWithAck(name, 6, replying: Int.self)
                socket.emit("replied", reply, all.replies.values.first)
            }
            let peer = try Peer(port)
            try peer.send(#"2["go","n"]"#)
            for rest in ["", ",1", #",1,"two""#] { #expect(try peer.receive() == #"2["n"\#(rest)]"#) }
            #expect(try peer.receive() == #"2["n!","n"]"#)
            for number in 2...4 { #expect(try peer.receive() == #"2["n",\#(number)]"#) }
            try peer.send(#"2["ask","n"]"#)
            #expect(try peer.receive() == #"20["n",5]"#)
            try peer.send("30[7]")
            #expect(try peer.receive() == #"21["n",6]"#)
            try peer.send("31[8]")
            #expect(try peer.receive() == #"2["replied",7,8]"#)
        }
    }

    @Test(arguments: ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
    func `a reserved name from a variable is reported, and harms nobody`(name: String) async throws {
        let lines = Journal()
        try await serve({ $0.logger = LineLogger(lines) }) { io, port in
            let errors = Journal()
            io.onHandlerError { errors.note("\($0.error)") }
            io.on("use") { (socket: Socket, name: String) in
                socket.emit(name)
                socket.emit(name, 1)
                socket.volatile.emit(name, 1)
                socket.on(name) { 1 }
                socket.once(name) { () -> Void in }
                socket.off(name)
                let error = await failure(of: socket, named: name)
                let replies = await io.emitWithAck(name, replying: Int.self)
                io.emit(name)
                io.on(name) { (_: Socket, number: Int) in number }
                socket.emit("done", error?.code == .unencodable, replies.missing.count)
            }
            let peer = try Peer(port)
            try peer.send(#"2["use","\#(name)"]"#)
            #expect(try peer.receive() == #"2["done",true,1]"#)
            let told = errors.wait(for: 6)
            #expect(told.count == 6)
            #expect(told.allSatisfy { $0 == ReservedEventName.text(name) })
            let logged = lines.lines.filter { $0.contains(ReservedEventName.text(name)) }
            // The two broadcasts are one cause.
            #expect(logged.count == 2)
        }
    }
}

extension ReservedEventName {
    /// What is said of a name, from outside.
    fileprivate static func text(_ name: String) -> String {
        do {
            _ = try EventName(checking: name)
            return ""
        } catch {
            return error.description
        }
    }
}

private func failure(of socket: Socket, named name: String) async -> AckError? {
    do {
        let _: Int = try await socket.emitWithAck(name)
        return nil
    } catch {
        return error
    }
}
