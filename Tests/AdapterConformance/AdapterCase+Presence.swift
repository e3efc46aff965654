import SocketIO

extension AdapterCase {
    static var presence: [AdapterCase] {
        [
            AdapterCase(
                "nodes come and go",
                running: { joining in
                    try await Nodes.run(2, joined: joining) { two in
                        try await Nodes.run(1, joined: joining, awaiting: 3) { third in
                            let c = try await third.client("c", of: 0)
                            try await eventually("the third is known") { await two[0].nodeCount == 3 }
                            two[0].emit("hello")
                            try expect("c", try await c.heard(before: "hello"), [])
                            try expect("ids", await two[1].sockets().map(\.id), [c.id])
                        }
                        try await eventually("the third is gone") { await two[0].nodeCount == 2 }
                        let found = await two[0].sockets(timeout: .seconds(60))
                        try expect("found", found.count, 0)
                        try expect("complete", found.isComplete, true)
                    }
                }),
            AdapterCase(
                "a node that is silent is missing, and waited for until it is known to be gone",
                needsSilence: true,
                running: { joining in
                    guard let silence = joining.silence else {
                        throw Unmet(description: "no way to silence a node: run `withoutSilence`")
                    }
                    try await Nodes.run(3, joined: joining) { nodes in
                        let b = try await nodes.client("b", of: 1) { $0.answer("ask") { $0 } }
                        try await silence(nodes.adapters[2])
                        let early = await nodes[0].sockets(timeout: .milliseconds(300))
                        try expect("found", early.map(\.id), [b.id])
                        try expect("complete", early.isComplete, false)
                        // Nobody waits for a minute.
                        async let late = nodes[0].emitWithAck("ask", 1, replying: Int.self, timeout: .seconds(600))
                        _ = try await b.heard(before: "ask 1")
                        if let bury = joining.bury { try await bury(nodes.adapters[2]) }
                        let replies = await late
                        try expect("replies", replies.all, [1])
                        try expect("complete", replies.isComplete, false)
                        let found = await nodes[0].sockets(timeout: .seconds(600))
                        try expect("complete", found.isComplete, true)
                    }
                }),
        ]
    }
}
