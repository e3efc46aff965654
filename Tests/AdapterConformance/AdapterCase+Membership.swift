import SocketIO

extension AdapterCase {
    static var membership: [AdapterCase] {
        [
            AdapterCase("sockets of other nodes join rooms, and leave them") { nodes in
                let a = try await nodes.client("a", of: 0, in: "red")
                let b = try await nodes.client("b", of: 1, in: "red")
                let c = try await nodes.client("c", of: 1)
                nodes[0].to("red").socketsJoin("x", "y")
                nodes[0].to("x").emit("x")
                nodes[0].except("red").socketsJoin("z")
                nodes[0].to("z").emit("z")
                nodes[0].to("y").socketsLeave("x")
                nodes[0].to("x").emit("nobody")
                nodes[0].emit("end")
                try expect("a", try await a.heard(before: "end"), ["x"])
                try expect("b", try await b.heard(before: "end"), ["x"])
                try expect("c", try await c.heard(before: "end"), ["z"])
            },
            AdapterCase("sockets of other nodes are disconnected") { nodes in
                let a = try await nodes.client("a", of: 0)
                let b = try await nodes.client("b", of: 1, in: "out")
                let c = try await nodes.client("c", of: 1, in: "close")
                nodes[0].to("out", "close").emit("bye")
                nodes[0].to("out").disconnectSockets()
                nodes[0].to("close").disconnectSockets(closingConnection: true)
                for client in [b, c] { try expect(client.name, try await client.heard(before: "bye"), []) }
                try await eventually("b and c have left") { b.hasLeft && c.hasLeft }
                nodes[1].emit("end")
                _ = try await a.heard(before: "end")
                try expect("a has left", a.hasLeft, false)
            },
            AdapterCase("what is done locally is done on one node") { nodes in
                let a = try await nodes.client("a", of: 0)
                let b = try await nodes.client("b", of: 1)
                nodes[0].local.socketsJoin("x")
                nodes[0].to("x").emit("x")
                nodes[0].local.socketsLeave("x")
                nodes[0].local.disconnectSockets()
                try await eventually("a has left") { a.hasLeft }
                nodes[0].emit("end")
                try expect("a", try await a.heard(before: "x"), [])
                try expect("b", try await b.heard(before: "end"), [])
                try expect("b has left", b.hasLeft, false)
            },
        ]
    }
}
