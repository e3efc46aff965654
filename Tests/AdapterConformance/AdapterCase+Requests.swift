import SocketIO

extension AdapterCase {
    static var requests: [AdapterCase] {
        [
            AdapterCase("the sockets of all nodes are found, with what is known of them", nodes: 3) { nodes in
                let a = try await nodes.client("a", of: 0, in: "red")
                let b = try await nodes.client("b", of: 1, in: "red", "blue")
                let c = try await nodes.client("c", of: 2)
                let all = await nodes[0].sockets()
                try expect("complete", all.isComplete, true)
                try expect("ids", Set(all.map(\.id)), [a.id, b.id, c.id])
                try expect("rooms of all", all.rooms, ["red", "blue"])
                try expect("names", Set(all.compactMap { $0.data.name }), ["a", "b", "c"] as Set<String>)
                let found = await nodes[0].to("red").except(a.id).sockets()
                guard let other = found.first, found.count == 1 else {
                    throw Unmet(description: "one socket is found, not \(found.map(\.id))")
                }
                try expect("rooms", other.rooms, [Room(b.id), "red", "blue"])
                try expect("is local", other.isLocal, false)
                try expect("address", other.handshake.address, "127.0.0.1")
                try expect("query", other.handshake.query["EIO"], "4")
                try expect("header", other.handshake.headers["upgrade"]?.lowercased(), "websocket")
                try expect("auth", try other.handshake.auth(as: JSONValue.self)["name"], "b")
                try expect("is of this century", other.handshake.issued > 1_700_000_000_000, true)
                try expect("local", await nodes[0].local.sockets().map(\.id), [a.id])
                try expect("members", await nodes[0].memberCount(of: "red"), 2)
                try expect("nobody", await nodes[0].to("nobody").sockets().count, 0)
            },
            AdapterCase("a socket of another node can be talked to, moved and disconnected") { nodes in
                let b = try await nodes.client("b", of: 1) { $0.answer("double") { $0 * 2 } }
                guard let found = await nodes[0].to(b.id).sockets().first else {
                    throw Unmet(description: "no socket is found")
                }
                found.emit("hello", 1)
                try expect("double", try await found.emitWithAck("double", 21) as Int, 42)
                found.join("x", "y")
                found.leave("y")
                nodes[0].to("x").emit("x")
                nodes[0].to("y").emit("y")
                nodes[0].emit("end")
                try expect("b", try await b.heard(before: "end"), ["hello 1", "double 21", "x"])
                found.disconnect()
                try await eventually("b has left") { b.hasLeft }
                try await eventually("b is forgotten") { await nodes[1].sockets().isEmpty }
                do {
                    let _: Int = try await found.emitWithAck("double", 1)
                    throw Unmet(description: "a socket that is gone has answered")
                } catch let error as AckError {
                    try expect("error", error.code, .disconnected)
                }
            },
            AdapterCase("acknowledgements come from the clients of all nodes", nodes: 3) { nodes in
                for (number, name) in ["a", "b", "c"].enumerated() {
                    _ = try await nodes.client(name, of: number, in: "red") { $0.answer("ask") { $0 + number } }
                }
                _ = try await nodes.client("d", of: 2) { $0.answer("ask") { $0 } }
                let replies = await nodes[0].to("red").emitWithAck("ask", 10, replying: Int.self, timeout: .seconds(20))
                try expect("replies", replies.all.sorted(), [10, 11, 12])
                try expect("complete", replies.isComplete, true)
                try expect("missing", replies.missing, [])
                let local = await nodes[0].local.emitWithAck("ask", 20, replying: Int.self, timeout: .seconds(20))
                try expect("local replies", local.all, [20])
                let none = await nodes[0].to("nobody").emitWithAck("ask", 1, replying: Int.self, timeout: .seconds(20))
                try expect("replies of nobody", none.all, [])
                try expect("complete", none.isComplete, true)
            },
            AdapterCase("bytes and several values come back in acknowledgements") { nodes in
                _ = try await nodes.client("b", of: 1) { $0.answer("bytes") { [UInt8]([1, 2, UInt8($0)]) } }
                let replies = await nodes[0].emitWithAck("bytes", 3, replying: [UInt8].self, timeout: .seconds(20))
                try expect("replies", replies.all, [[1, 2, 3]])
            },
            AdapterCase("who does not answer in time is missing, and the others' answers are there") { nodes in
                for (number, name) in ["a", "b"].enumerated() {
                    _ = try await nodes.client(name, of: number) { client in
                        client.answer("ask") { $0 }
                        client.answer("again") { $0 }
                    }
                }
                _ = try await nodes.client("c", of: 1) { client in
                    client.swallow("ask")
                    client.answer("again") { $0 }
                }
                let replies = await nodes[0].emitWithAck("ask", 7, replying: Int.self, timeout: .milliseconds(700))
                try expect("replies", replies.all, [7, 7])
                try expect("is all there", replies.isComplete && replies.missing.isEmpty, false)
                // Nothing is left of it.
                let again = await nodes[0].emitWithAck("again", 1, replying: Int.self, timeout: .seconds(20))
                try expect("replies", again.all, [1, 1, 1])
            },
        ]
    }
}
