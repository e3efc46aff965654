import Foundation
import SocketIO
import Testing

@Suite struct PayloadTests {
    private struct Upload: Codable, Equatable {
        var name: String
        var head: Data
        var parts: [[UInt8]]
        var made: Date
        var owner: Owner?
    }

    private struct Owner: Codable, Equatable {
        var id: Int
        var picture: [UInt8]
    }

    private static let upload = Upload(
        name: "ü🙂\"\\\n", head: Data([1, 2]), parts: [[3], [], [4, 5]], made: Date(timeIntervalSince1970: 1.5),
        owner: Owner(id: 7, picture: [6]))

    @Test func `bytes at any place come and go as attachments, in depth-first order`() async throws {
        try await serve { io, port in
            io.on("echo") { (_: Socket, upload: Upload, number: Int, bytes: [UInt8]) in
                #expect(upload == Self.upload)
                #expect(number == 9 && bytes == [7, 8])
                return upload
            }
            let peer = try Peer(port)
            let head = #"{"name":"ü🙂\"\\\n","head":{"_placeholder":true,"num":0},"#
            let parts = (1...3).map { #"{"_placeholder":true,"num":\#($0)}"# }.joined(separator: ",")
            let rest = #""made":"1970-01-01T00:00:01.500Z","owner":{"id":7,"picture":{"_placeholder":true,"num":4}}}"#
            let value = head + #""parts":[\#(parts)],"# + rest
            try peer.send(#"56-1["echo",\#(value),9,{"_placeholder":true,"num":5}]"#)
            for attachment in [[1, 2], [3], [], [4, 5], [6], [7, 8]] as [[UInt8]] {
                try peer.send(binary: attachment)
            }
            #expect(try peer.receive() == #"65-1[\#(value)]"#)
            for attachment in [[1, 2], [3], [], [4, 5], [6]] as [[UInt8]] {
                #expect(try peer.receiveBinary() == attachment)
            }
        }
    }

    @Test func `placeholders may come in any order, twice, or not at all`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, values: [[UInt8]]) in values.map { $0.map(Int.init) } }
            let peer = try Peer(port)
            let numbers = [2, 0, 2].map { #"{"_placeholder":true,"num":\#($0)}"# }.joined(separator: ",")
            try peer.send(#"53-1["x",[\#(numbers)]]"#)
            for byte in [UInt8](1...3) { try peer.send(binary: [byte]) }
            #expect(try peer.receive() == "31[[[3],[1],[3]]]")
        }
    }

    @Test func `a packet that announces no attachments is complete at once`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, number: Int) in number }
            let peer = try Peer(port)
            try peer.send(#"50-1["x",5]"#)
            #expect(try peer.receive() == "31[5]")
        }
    }

    @Test func `bytes travel over polling`() async throws {
        try await serve { io, port in
            io.on("echo") { (socket: Socket, bytes: Data) in socket.emit("echo", bytes, Data([255])) }
            let peer = try PollingPeer(port)
            try peer.post("451-[\"echo\",{\"_placeholder\":true,\"num\":0}]\u{1E}bAQID")
            #expect(
                try peer.receive()
                    == #"52-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#)
            #expect(try peer.receive() == "bAQID")
            #expect(try peer.receive() == "b/w==")
        }
    }

    @Test func `large attachments arrive whole, in order with small ones`() async throws {
        try await serve { io, port in
            let large = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            io.on("echo") { (socket: Socket, bytes: [UInt8]) in
                socket.emit("small", 1)
                socket.emit("echo", bytes, [UInt8]([1]), bytes)
                socket.emit("small", 2)
            }
            let peer = try Peer(port)
            try peer.send(#"51-["echo",{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: large)
            #expect(try peer.receive() == #"2["small",1]"#)
            #expect(try peer.receive().hasPrefix(#"53-["echo","#))
            #expect(try peer.receiveBinary() == large)
            #expect(try peer.receiveBinary() == [1])
            #expect(try peer.receiveBinary() == large)
            #expect(try peer.receive() == #"2["small",2]"#)
        }
    }

    @Test func `any JSON goes through JSONValue unchanged`() async throws {
        try await serve { io, port in
            io.on("echo") { (_: Socket, value: JSONValue) in value }
            let peer = try Peer(port)
            for value in [
                "null", "true", "-0.5", "12345678901234567", #""""#, #""é\u2028🙂\\\"""#, "[]", "{}",
                #"{"a":[1,{"b":null}],"":false}"#,
            ] {
                try peer.send(#"21["echo",\#(value)]"#)
                let reply = try peer.receive()
                #expect(reply == "31[\(value)]" || reply.contains("\u{2028}"), "\(value)")
            }
        }
    }

    @Test func `text with escapes and surrogate pairs is decoded`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket, text: String) in journal.note(text) }
            let peer = try Peer(port)
            try peer.send(#"2["x","\u0041\ud83d\ude42\n\/"]"#)
            #expect(journal.wait(for: 1) == ["A🙂\n/"])
        }
    }

    @Test func `what is not a number for JSON is sent as null`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket) in [Double.nan, .infinity, 1] }
            let peer = try Peer(port)
            try peer.send(#"21["x"]"#)
            #expect(try peer.receive() == "31[[null,null,1]]")
        }
    }

    @Test func `a date is read with and without fractions`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, date: Date) in date.timeIntervalSince1970 }
            let peer = try Peer(port)
            try peer.send(#"21["x","2026-01-31T12:00:00.250Z"]"#)
            #expect(try peer.receive() == "31[1769860800.25]")
            try peer.send(#"22["x","2026-01-31T12:00:00Z"]"#)
            #expect(try peer.receive() == "32[1769860800]")
        }
    }
}
