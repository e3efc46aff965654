import SocketIO
import Synchronization

extension AdapterCase {
    static var broadcasts: [AdapterCase] {
        [
            AdapterCase("a broadcast reaches the clients of all nodes", nodes: 3) { nodes in
                let clients = [
                    try await nodes.client("a", of: 0), try await nodes.client("b", of: 1),
                    try await nodes.client("c", of: 2),
                ]
                nodes[0].emit("news", 1, "two", true, JSONValue.null, ["k": [1.5]])
                nodes[0].emit("end")
                for client in clients {
                    try expect(
                        client.name, try await client.heard(before: "end"), [#"news 1 "two" true null {"k":[1.5]}"#])
                }
            },
            AdapterCase("rooms and exceptions hold on all nodes") { nodes in
                let a = try await nodes.client("a", of: 0, in: "red")
                let b = try await nodes.client("b", of: 1, in: "red", "blue")
                let c = try await nodes.client("c", of: 1, in: "blue")
                let d = try await nodes.client("d", of: 1)
                let io = nodes[0]
                io.to("red").emit("red")
                io.to("red", "blue").emit("both")
                io.to("red").except("blue").emit("only red")
                io.except("red").emit("not red")
                io.to(b.id).emit("for b")
                io.except(b.id).emit("not b")
                io.to("nobody").emit("nobody")
                io.emit("end")
                try expect("a", try await a.heard(before: "end"), ["red", "both", "only red", "not b"])
                try expect("b", try await b.heard(before: "end"), ["red", "both", "for b"])
                try expect("c", try await c.heard(before: "end"), ["both", "not red", "not b"])
                try expect("d", try await d.heard(before: "end"), ["not red", "not b"])
            },
            AdapterCase("what a socket sends to others leaves it out, and reaches other nodes") { nodes in
                nodes[0].on("say") { (socket: Socket, text: String) in socket.broadcast.emit("said", text) }
                let a = try await nodes.client("a", of: 0)
                let b = try await nodes.client("b", of: 1)
                nodes[0].onConnection { socket in socket.broadcast.emit("arrived") }
                let c = try await nodes.client("c", of: 0)
                nodes[0].emit("end")
                try expect("a", try await a.heard(before: "end"), ["arrived"])
                try expect("b", try await b.heard(before: "end"), ["arrived"])
                try expect("c", try await c.heard(before: "end"), [])
            },
            AdapterCase("what is local stays on its node, what is volatile travels") { nodes in
                let a = try await nodes.client("a", of: 0)
                let b = try await nodes.client("b", of: 1)
                nodes[0].local.emit("local")
                nodes[0].volatile.emit("volatile")
                nodes[0].emit("end")
                try expect("a", try await a.heard(before: "end"), ["local", "volatile"])
                try expect("b", try await b.heard(before: "end"), ["volatile"])
            },
            AdapterCase("each namespace is told of its own") { nodes in
                let main = try await nodes.client("main", of: 1)
                let other = try await nodes.client("other", of: 1, namespace: "/other")
                nodes[0].emit("for main")
                nodes[0].namespace("/other").emit("for other")
                nodes[0].emit("end")
                nodes[0].namespace("/other").emit("end")
                try expect("main", try await main.heard(before: "end"), ["for main"])
                try expect("other", try await other.heard(before: "end"), ["for other"])
            },
            AdapterCase("what one thread emits arrives in order") { nodes in
                let b = try await nodes.client("b", of: 1, in: "room")
                for number in 0..<500 {
                    if number % 3 == 0 { nodes[0].emit("n", number) } else { nodes[0].to("room").emit("n", number) }
                }
                nodes[0].emit("end")
                try expect("b", try await b.heard(before: "end"), (0..<500).map { "n \($0)" })
            },
            AdapterCase("what is published is known to be, and arrives in order with the rest") { nodes in
                let b = try await nodes.client("b", of: 1, in: "room")
                let io = nodes[0]
                for number in 0..<20 {
                    io.emit("n", 2 * number)
                    try await io.waitUntilPublished { io.to("room").emit("n", 2 * number + 1) }
                }
                io.emit("end")
                try expect("b", try await b.heard(before: "end"), (0..<40).map { "n \($0)" })
            },
            AdapterCase("bytes travel, small and large, at any depth") { nodes in
                let received = Received()
                let b = try await nodes.client("b", of: 1) { client in
                    client.bytes("bytes") { bytes in received.all.withLock { $0.append(bytes) } }
                }
                let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
                let all: [[UInt8]] = [[], [0xFF], [1, 2, 3], large]
                for bytes in all { nodes[0].emit("bytes", bytes) }
                nodes[0].emit("deep", ["list": [[UInt8]]([[1], [2]])], [UInt8]([3]))
                nodes[0].emit("end")
                let heard = try await b.heard(before: "end")
                try expect("bytes", received.all.withLock { $0 == all }, true)
                let deep =
                    #"deep {"list":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]} "#
                    + #"{"_placeholder":true,"num":0}"#
                try expect("deep", heard.last, deep)
            },
            AdapterCase("text of a megabyte, and of every kind, arrives as it is") { nodes in
                let b = try await nodes.client("b", of: 1, in: "Zimmer#é/😀 ")
                let texts = [
                    "", "h\u{e9}llo €😀", "\u{0}\u{1f}\u{7f}\u{2028}\"\\/", String(repeating: "x", count: 1_000_000),
                ]
                for text in texts { nodes[0].to("Zimmer#é/😀 ").emit("text", text) }
                nodes[0].emit("end")
                let expected = texts.map { "text " + JSONValue.string($0).description }
                try expect("b", try await b.heard(before: "end") == expected, true)
            },
        ]
    }
}

private final class Received: Sendable {
    let all = Mutex<[[UInt8]]>([])
}
