import Foundation
import SocketIO
import Testing

extension Event {
    fileprivate static var moved: Event<Int, Int> { Event<Int, Int>("moved") }
}

/// Hands a socket from its handler to the test.
final class Hold: @unchecked Sendable {
    // Guarded by `journal`: written before its line, read after.
    private var sockets: [Socket] = []
    private let journal = Journal()

    func put(_ socket: Socket) {
        sockets.append(socket)
        journal.note("")
    }

    /// The socket that came `index`th.
    func take(_ index: Int = 0) throws -> Socket {
        _ = journal.wait(for: index + 1)
        return try #require(sockets.count > index ? sockets[index] : nil)
    }
}

@Suite struct EmitTests {
    @Test(arguments: [false, true])
    func `a volatile packet goes behind another of the same turn`(overPolling: Bool) async throws {
        try await serve { io, port in
            io.on("go") { (socket: Socket) in
                socket.emit("first")
                socket.volatile.emit("second")
                io.volatile.emit("third")
            }
            var packets: [String] = []
            if overPolling {
                let peer = try PollingPeer(port)
                try peer.beginPoll()
                try peer.send(#"2["go"]"#)
                packets = try peer.endPoll().map { String($0.dropFirst()) }
            } else {
                let peer = try Peer(port)
                try peer.send(#"2["go"]"#)
                for _ in 0..<3 { packets.append(try peer.receive()) }
            }
            #expect(packets == [#"2["first"]"#, #"2["second"]"#, #"2["third"]"#])
        }
    }

    @Test func `emit, send and declared events have the official wire form`() async throws {
        try await serve(loops: 1) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            socket.emit("x")
            socket.emit("x", 1, "two", [3], ["four": 4], true, nil as Int?)
            socket.emit(.moved, 5, 6)
            socket.send("hello")
            io.send("all")
            io.emit(.moved, 7, 8)
            for packet in [
                #"2["x"]"#, #"2["x",1,"two",[3],{"four":4},true,null]"#, #"2["moved",5,6]"#,
                #"2["message","hello"]"#, #"2["message","all"]"#, #"2["moved",7,8]"#,
            ] {
                #expect(try peer.receive() == packet)
            }
        }
    }

    @Test func `strings of any size, with and without escapes, arrive as they were sent`() async throws {
        try await serve(loops: 1) { io, port in
            io.on("echo") { (socket: Socket, text: String) in socket.emit("echo", text) }
            io.on("return") { (_: Socket, text: String) in text }
            io.on("any") { (socket: Socket, arguments: EventArguments) in socket.emit("any", arguments) }
            let peer = try Peer(port)
            for count in Array(0...20) + Array(60...130) + [32_700, 65_490, 65_500, 65_520, 65_540, 131_070] {
                for character in ["a", "\n", "é"] {
                    let text = "\"" + String(repeating: character, count: count).replacing("\n", with: "\\n") + "\""
                    try peer.send("2[\"echo\",\(text)]")
                    try peer.send("21[\"return\",\(text)]")
                    try peer.send("2[\"any\",\(text),1]")
                    #expect(try peer.receive() == "2[\"echo\",\(text)]")
                    #expect(try peer.receive() == "31[\(text)]")
                    #expect(try peer.receive() == "2[\"any\",\(text),1]")
                }
            }
        }
    }

    @Test func `what one thread sends, directly and through rooms, arrives in order`() async throws {
        try await serve(loops: 4) { io, port in
            let hold = Hold()
            io.onConnection { socket in
                socket.join("room")
                hold.put(socket)
            }
            let peer = try Peer(port)
            let socket = try hold.take()
            for number in 0..<300 {
                switch number % 4 {
                case 0: socket.emit("n", number)
                case 1: io.to("room").emit("n", number)
                case 2: io.to(socket.id).emit("n", number)
                default: io.emit("n", number)
                }
            }
            for number in 0..<300 { #expect(try peer.receive() == #"2["n",\#(number)]"#) }
        }
    }

    @Test func `what a handler sends to others, directly and through rooms, arrives in order`() async throws {
        try await serve(loops: 4) { io, port in
            let hold = Hold()
            io.onConnection { socket in
                socket.join("room")
                hold.put(socket)
            }
            io.on("go") { (socket: Socket) in
                let other = try hold.take(0)
                for number in 0..<100 {
                    switch number % 3 {
                    case 0: other.emit("n", number)
                    case 1: socket.to("room").emit("n", number)
                    default: socket.broadcast.emit("n", number)
                    }
                }
            }
            let receiver = try Peer(port)
            _ = try hold.take(0)
            let sender = try Peer(port)
            try sender.send(#"2["go"]"#)
            for number in 0..<100 { #expect(try receiver.receive() == #"2["n",\#(number)]"#) }
        }
    }

    @Test func `each of several threads keeps its order`() async throws {
        try await serve { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            await withTaskGroup(of: Void.self) { group in
                for thread in 0..<4 {
                    group.addTask { for number in 0..<100 { socket.emit("n", thread, number) } }
                }
            }
            var next = [0, 0, 0, 0]
            for _ in 0..<400 {
                let packet = try peer.receive()
                let numbers = packet.dropFirst(6).dropLast().split(separator: ",").compactMap { Int($0) }
                try #require(numbers.count == 2, "\(packet)")
                #expect(numbers[1] == next[numbers[0]])
                next[numbers[0]] += 1
            }
        }
    }

    @Test func `what is sent to a socket that is gone is dropped`() async throws {
        try await serve { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            try peer.send("1")
            #expect(await eventually { !socket.isConnected })
            socket.emit("x")
            socket.volatile.emit("x")
            io.to(socket.id).emit("x")
            try peer.connect()
            io.emit("y")
            #expect(try peer.receive() == #"2["y"]"#)
        }
    }

    @Test func `volatile is dropped for a client that does not read`() async throws {
        try await serve(loops: 1) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port, receiveBuffer: 4096)
            let socket = try hold.take()
            let chunk = String(repeating: "x", count: 100_000)
            // More than the kernel takes for a client that does not read, less than the limit of unsent bytes.
            for _ in 0..<80 { socket.emit("chunk", chunk) }
            _ = await io.counts()
            for _ in 0..<100 {
                socket.volatile.emit("volatile")
                io.volatile.emit("volatile")
            }
            socket.emit("last")
            for _ in 0..<80 { #expect(try peer.receive().count == 100_013) }
            #expect(try peer.receive() == #"2["last"]"#)
            socket.volatile.emit("again")
            #expect(try peer.receive() == #"2["again"]"#)
        }
    }

    @Test func `volatile is dropped for polling without an open poll, with its attachments`() async throws {
        try await serve(loops: 1) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try PollingPeer(port)
            let socket = try hold.take()
            socket.volatile.emit("dropped", Data([1]))
            socket.volatile.emit("dropped")
            _ = await io.counts()
            socket.emit("kept")
            #expect(try peer.receive() == #"2["kept"]"#)
            try peer.beginPoll()
            // The poll is at the server once another request is answered after it.
            try peer.post("43[]")
            socket.volatile.emit("now", Data([1]))
            #expect(try peer.endPoll() == [#"451-["now",{"_placeholder":true,"num":0}]"#, "bAQ=="])
        }
    }

    @Test func `what disconnect handlers send to a polling client is not left for the next ping`() async throws {
        try await serve(loops: 1, { $0.engine.limits.bufferedBytes = 200_000 }) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            io.onDisconnect { socket, _ in io.emit("left", socket.id) }
            let deaf = try Peer(port, receiveBuffer: 4096)
            let socket = try hold.take()
            let poller = try PollingPeer(port)
            try poller.beginPoll()
            try poller.post("43[]")
            // More than the kernel takes and the limit allows, which is found when the turn's output is sent.
            socket.emit("chunk", String(repeating: "x", count: 8_000_000))
            #expect(try poller.endPoll() == [#"42["left","\#(deaf.sid)"]"#])
        }
    }

    @Test func `values are encoded when emit is called`() async throws {
        final class Box: Encodable {
            var value = 1
        }
        try await serve { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let box = Box()
            try hold.take().emit("x", box)
            io.emit("x", box)
            box.value = 2
            for _ in 0..<2 { #expect(try peer.receive() == #"2["x",{"value":1}]"#) }
        }
    }
}
