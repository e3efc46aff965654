import SocketIO
import Testing

@Suite struct EventArgumentsTests {
    @Test(arguments: [
        #"["echo"]"#, #"["echo",1]"#, #"["echo","ü\n",{"a":[1.50,null]}]"#, #"["echo",1,2,3,4,[5],"6"]"#,
    ])
    func `any arguments are passed on as they came`(payload: String) async throws {
        try await serve { io, port in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
            let peer = try Peer(port)
            try peer.send("2" + payload)
            #expect(try peer.receive() == "2" + payload)
        }
    }

    @Test func `binary arguments are passed on`() async throws {
        try await serve { io, port in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
            let peer = try Peer(port)
            let packet = #"52-["echo",{"_placeholder":true,"num":1},7,{"_placeholder":true,"num":0}]"#
            try peer.send(packet)
            try peer.send(binary: [1])
            try peer.send(binary: [2, 3])
            #expect(try peer.receive() == packet)
            #expect(try peer.receiveBinary() == [1])
            #expect(try peer.receiveBinary() == [2, 3])
        }
    }

    @Test func `the last parameter takes what is left, with its own attachments only`() async throws {
        try await serve { io, port in
            io.on("x") { (socket: Socket, first: [UInt8], rest: EventArguments) in
                socket.emit("y", rest)
                socket.emit("z", first, rest)
            }
            let peer = try Peer(port)
            try peer.send(#"52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},"s"]"#)
            try peer.send(binary: [1])
            try peer.send(binary: [2])
            #expect(try peer.receive() == #"51-["y",{"_placeholder":true,"num":0},"s"]"#)
            #expect(try peer.receiveBinary() == [2])
            #expect(
                try peer.receive()
                    == #"52-["z",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},"s"]"#)
            #expect(try peer.receiveBinary() == [1])
            #expect(try peer.receiveBinary() == [2])
        }
    }

    @Test func `returned, they are an acknowledgement of several values`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, arguments: EventArguments) in arguments }
            let peer = try Peer(port)
            try peer.send(#"21["x",1,"two"]"#)
            #expect(try peer.receive() == #"31[1,"two"]"#)
            try peer.send(#"22["x"]"#)
            #expect(try peer.receive() == "32[]")
        }
    }

    @Test func `each is decoded when it is asked for`() async throws {
        try await serve { io, port in
            io.on("x") { (_: Socket, arguments: EventArguments) throws -> Int in
                #expect(arguments.count == 5)
                #expect(arguments.values == [1, "zwei", [3], nil, 5])
                #expect(try arguments.decode(Int.self, at: 0) == 1)
                #expect(try arguments.decode(String.self, at: 1) == "zwei")
                #expect(try arguments.decode([Int].self, at: 2) == [3])
                #expect(try arguments.decode(String?.self, at: 3) == nil)
                #expect(try arguments.decode(Double.self, at: 4) == 5)
                #expect(throws: DecodingError.self) { try arguments.decode(Int.self, at: 1) }
                #expect(throws: DecodingError.self) { try arguments.decode(Int.self, at: 5) }
                #expect(throws: DecodingError.self) { try arguments.decode(Int.self, at: -1) }
                return arguments.count
            }
            let peer = try Peer(port)
            try peer.send(#"21["x", 1 ,"zwei",[3] , null,5 ]"#)
            #expect(try peer.receive() == "31[5]")
        }
    }

    @Test func `inside other values they are an array`() async throws {
        struct Note: Codable, Sendable { var rest: EventArguments }
        try await serve { io, port in
            io.on("x") { (_: Socket, note: Note) in note }
            let peer = try Peer(port)
            try peer.send(#"21["x",{"rest":[1,"a",{"b":2}]}]"#)
            #expect(try peer.receive() == #"31[{"rest":[1,"a",{"b":2}]}]"#)
        }
    }
}
