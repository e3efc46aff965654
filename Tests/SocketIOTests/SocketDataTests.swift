import SocketIO
import Synchronization
import Testing

@Suite struct SocketDataTests {
    private struct Profile: Codable, Equatable, Sendable {
        var name: String
        var scores: [Int]
    }

    private struct Broken: Codable, Sendable {
        func encode(to encoder: any Encoder) throws { throw Unexpected(what: "on purpose") }
    }

    @Test func `members are set and read as in JavaScript, and found by others`() async throws {
        try await serve { io, port in
            answerSync(io)
            io.onConnection { socket in
                #expect(socket.data.members.isEmpty && socket.data.name == nil)
                socket.data.name = "ada"
                socket.data.profile = Profile(name: "ada", scores: [1, 2])
                socket.data["full name"] = ["Ada", "L"]
                socket.data.gone = 1
                socket.data.gone = nil
                let name: String? = socket.data.name
                let wrong: Int? = socket.data.name
                #expect(name == "ada" && wrong == nil)
            }
            let peer = try Peer(port)
            try peer.sync()
            let found = try #require(await io.sockets().first)
            let profile: Profile? = found.data.profile
            #expect(profile == Profile(name: "ada", scores: [1, 2]))
            #expect(
                found.data.members == [
                    "name": "ada", "profile": ["name": "ada", "scores": [1, 2]], "full name": ["Ada", "L"],
                ])
            #expect(found.isLocal && found.node == nil)
        }
    }

    @Test func `all of it can be one value`() async throws {
        let profile = Profile(name: "bob", scores: [3])
        try await serve { io, port in
            answerSync(io)
            io.onConnection { socket in
                socket.data.old = true
                socket.data = try SocketData(profile)
            }
            let peer = try Peer(port)
            try peer.sync()
            let found = try #require(await io.sockets().first)
            #expect(try found.data(as: Profile.self) == profile)
            #expect(found.data.members.count == 2)
        }
        #expect(throws: EncodingError.self) { try SocketData([1, 2]) }
        let literal: SocketData = ["a": 1]
        #expect(literal.members == ["a": 1])
    }

    @Test func `members that several threads set at the same time are all there`() async throws {
        try await serve { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            _ = try Peer(port)
            let socket = try hold.take()
            await withTaskGroup { group in
                for number in 0..<8 {
                    group.addTask { for turn in 0..<200 { socket.data["\(number)"] = .integer(Int64(turn)) } }
                }
            }
            #expect(socket.data.members.count == 8)
            #expect(socket.data.members.allSatisfy { $0.value == 199 })
        }
    }

    @Test func `what cannot be encoded is told, and the member stays`() async throws {
        try await serve { io, port in
            answerSync(io)
            let failures = Journal()
            io.onHandlerError { failures.note("\($0)") }
            io.onConnection { socket in
                socket.data.member = "before"
                socket.data.member = Broken()
                #expect(socket.data.member == "before")
            }
            try Peer(port).sync()
            let lines = failures.wait(for: 1)
            #expect(lines.count == 1)
            #expect(lines.first?.contains("data.member") == true && lines.first?.contains("on purpose") == true)
        }
    }

    @Test func `it stays with a client that is recovered`() async throws {
        try await serve(loops: 1, { $0.recovery = .init() }) { io, port in
            answerSync(io)
            let hold = Hold()
            io.onConnection { socket in
                if !socket.isRecovered { socket.data.name = "ada" }
                hold.put(socket)
            }
            let peer = try ReturningPeer(port)
            let first = try hold.take(0)
            io.emit("e", 1)
            try peer.sync()
            peer.peer.raw.abort()
            #expect(await eventually { !first.isConnected })
            try peer.comeBack()
            let second = try hold.take(1)
            #expect(second.isRecovered && second.data.name == "ada")
        }
    }
}
