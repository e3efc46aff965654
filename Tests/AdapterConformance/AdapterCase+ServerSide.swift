import SocketIO
import Synchronization

extension AdapterCase {
    static var serverSide: [AdapterCase] {
        [
            AdapterCase("an event for servers reaches all others, in order, and not its own", nodes: 3) { nodes in
                let heard = Mutex<[[String]]>([[], [], []])
                for (number, io) in nodes.servers.enumerated() {
                    io.onServerSideEmit("x") { (count: Int, text: String, bytes: [UInt8]) in
                        heard.withLock { $0[number].append("\(count) \(text) \(bytes)") }
                    }
                    io.namespace("/other").onServerSideEmit("x") { (_: EventArguments) in
                        heard.withLock { $0[number].append("other") }
                    }
                }
                for count in 0..<100 { nodes[1].serverSideEmit("x", count, "é", [UInt8]([1, 2])) }
                let expected = (0..<100).map { "\($0) é [1, 2]" }
                try await eventually("all have heard") {
                    heard.withLock { $0 == [expected, [], expected] }
                }
                nodes[0].namespace("/other").serverSideEmit("x")
                try await eventually("the other namespace has heard") {
                    heard.withLock { $0 == [expected, ["other"], expected + ["other"]] }
                }
            },
            AdapterCase("servers answer", nodes: 3) { nodes in
                for (number, io) in nodes.servers.enumerated() {
                    io.onServerSideEmit("double") { (value: Int) in value * 2 + number }
                    io.onServerSideEmit("later") { (value: Int) async in
                        await Task.yield()
                        return ["bytes": [UInt8](repeating: UInt8(value), count: number)]
                    }
                    io.onServerSideEmit("nothing") { (_: Int) in }
                }
                let doubled = await nodes[0].serverSideEmitWithAck(
                    "double", 10, replying: Int.self, timeout: .seconds(20))
                try expect("replies", doubled.replies.sorted(), [21, 22])
                try expect("complete", doubled.isComplete, true)
                let later = await nodes[0].serverSideEmitWithAck(
                    "later", 7, replying: [String: [UInt8]].self, timeout: .seconds(20))
                try expect(
                    "replies", later.replies.sorted { $0["bytes"]?.count ?? 0 < $1["bytes"]?.count ?? 0 },
                    [["bytes": [7]], ["bytes": [7, 7]]])
                let nothing = await nodes[0].serverSideEmitWithAck(
                    "nothing", 1, replying: JSONValue.self, timeout: .seconds(20))
                try expect("replies", nothing.replies, [.null, .null])
            },
            AdapterCase("a server that has no handler is missing, and the others' answers are there", nodes: 3) {
                nodes in
                let none = await nodes[0].serverSideEmitWithAck(
                    "unknown", replying: Int.self, timeout: .milliseconds(300))
                try expect("replies", none.replies, [])
                try expect("complete", none.isComplete, false)
                nodes[1].onServerSideEmit("known to one") { () in 7 }
                let some = await nodes[0].serverSideEmitWithAck(
                    "known to one", replying: Int.self, timeout: .milliseconds(700))
                try expect("replies", some.replies, [7])
                try expect("complete", some.isComplete, false)
            },
        ]
    }
}
