import SocketIOWire
import Testing

@Suite struct ClusterAdapterMessageTests {
    private func message(_ text: String, limits: ClusterLimits = ClusterLimits()) throws -> ClusterAdapterMessage {
        try ClusterAdapterMessage(Array(text.utf8).span, limits: limits)
    }

    private func broadcast(rooms: Int) -> String {
        let list = (0..<rooms).map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"rooms":[\#(list)]}},"uid":"a","nsp":"/"}"#
    }

    @Test(
        arguments: [
            "", "{", "[]", "{}", "null", #"{"type":2}"#, #"{"type":2,"uid":1,"nsp":"/"}"#, #"{"type":2,"uid":"a"}"#,
            #"{"type":0,"uid":"a","nsp":"/"}"#, #"{"type":14,"uid":"a","nsp":"/"}"#,
            #"{"type":"2","uid":"a","nsp":"/"}"#,
            #"{"type":3,"uid":"a","nsp":"/"}"#, #"{"type":3,"data":7,"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":["e"]}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":[]},"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":[{}]},"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":1,"data":["e"]},"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":["e"],"id":-1},"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"rooms":"r"}},"uid":"a","nsp":"/"}"#,
            #"{"type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"rooms":[{}]}},"uid":"a","nsp":"/"}"#,
            #"{"type":4,"data":{"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":7,"data":{"opts":{}},"uid":"a","nsp":"/"}"#,
            #"{"type":8,"data":{"requestId":"r","sockets":[1]},"uid":"a","nsp":"/"}"#,
            #"{"type":11,"data":{"requestId":"r","clientCount":-1},"uid":"a","nsp":"/"}"#,
            #"{"type":11,"data":{"requestId":"r","clientCount":1e300},"uid":"a","nsp":"/"}"#, "\u{93}",
            "{\"type\":2,\u{0}}",
        ])
    func `refuses what no node of Node sends`(text: String) {
        #expect(throws: ProtocolViolation.self) { try message(text) }
    }

    @Test func `holds as many rooms as its limit`() throws {
        var limits = ClusterLimits()
        limits.rooms = 3
        #expect(throws: Never.self) { try message(broadcast(rooms: 3), limits: limits) }
        let error = #expect(throws: ProtocolViolation.self) { try message(broadcast(rooms: 4), limits: limits) }
        #expect(error?.kind == .tooBig)
        #expect(throws: ProtocolViolation.self) { try message(broadcast(rooms: 1_000_000)) }
    }

    @Test func `holds as many bytes and values as its limits, and nests as deep`() throws {
        let text = #"{"type":10,"data":{"requestId":"r","packet":[[1,2],"a,b:[{\",",{"k":3}]},"uid":"a","nsp":"/"}"#
        var limits = ClusterLimits()
        (limits.bytes, limits.depth, limits.values) = (text.utf8.count, 4, 20)
        #expect(throws: Never.self) { try message(text, limits: limits) }
        for change in [\ClusterLimits.bytes, \.depth, \.values] {
            var smaller = limits
            smaller[keyPath: change] -= 1
            #expect(throws: ProtocolViolation.self) { try message(text, limits: smaller) }
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ProtocolViolation.self) {
            try message(#"{"type":10,"data":{"requestId":"r","packet":\#(deep)"#)
        }
    }

    @Test func `bytes are told from what looks like them`() throws {
        let text =
            #"{"type":9,"data":{"packet":["e",{"type":"Buffer","data":[1,255]},{"type":"Buffer","data":[256]},"#
            + #"{"type":"Buffer","data":[1],"x":0}]},"uid":"a","nsp":"/"}"#
        let read = try message(text)
        guard case .serverSideEmit(let values, request: nil) = read.content else {
            Issue.record("\(read)")
            return
        }
        #expect(values[1] == .binary([1, 255]))
        #expect(values[2] == ["type": "Buffer", "data": [256]])
        #expect(values[3] == ["type": "Buffer", "data": [1], "x": 0])
        #expect(read.json == Array(text.utf8))
        #expect(try ClusterAdapterMessage(read.sharded.span, limits: ClusterLimits()) == read)
        #expect(read.sharded[0] != UInt8(ascii: "{"))
    }

    @Test func `half of a character loses nobody's broadcast`() throws {
        var bytes = ClusterAdapterMessage(
            uid: "a", namespace: "/", content: .serverSideEmit(["e", "abc"], request: nil)
        )
        .messagePack
        // As @msgpack/msgpack writes a lone surrogate.
        let place = try #require(bytes.firstIndex(of: UInt8(ascii: "b")))
        bytes.replaceSubrange(place - 1...place + 1, with: [0xED, 0xA0, 0x80])
        let read = try ClusterAdapterMessage(bytes.span, limits: ClusterLimits())
        #expect(read.content == .serverSideEmit(["e", "\u{FFFD}\u{FFFD}\u{FFFD}"], request: nil))
    }

    @Test func `old requests are read, and what they are answered with is told apart`() throws {
        func request(_ text: String) throws -> RedisRequest {
            try RedisRequest(Array(text.utf8).span, limits: ClusterLimits())
        }
        #expect(
            try request(#"{"requestId":"a","type":0,"rooms":["r",7]}"#).operation == .socketIDs(rooms: ["r", "7"]))
        #expect(
            try request(#"{"requestId":"a","type":2,"sid":"s","room":"r"}"#).operation
                == .joinOne(socket: "s", room: "r"))
        #expect(
            try request(#"{"requestId":"a","type":3,"sid":"s","room":"r"}"#).operation
                == .leaveOne(socket: "s", room: "r"))
        #expect(
            try request(#"{"requestId":"a","type":4,"sid":"s","close":true}"#).operation
                == .disconnectOne(socket: "s", closing: true))
        // Without a selection it would be everybody.
        #expect(throws: ProtocolViolation.self) { try request(#"{"uid":"a","type":4,"close":true}"#) }
        #expect(throws: ProtocolViolation.self) { try request(#"{"uid":"a","type":1}"#) }
        for content: RedisResponse.Content in [.done, .socketIDs(["a"]), .rooms(["r"]), .sockets([]), .clientCount(2)] {
            let response = RedisResponse(id: "q", content: content)
            #expect(try RedisResponse(response.bytes.span, limits: ClusterLimits()) == response)
        }
    }

    @Test func `a namespace is no pattern, and one room has its channel`() {
        let channels = RedisChannels(namespace: "/a*[b]?\\", uid: "xyz")
        #expect(channels.broadcastPattern == ##"socket.io#/a\*\[b\]\?\\#*"##)
        #expect(channels.ownResponse == ##"socket.io-response#/a*[b]?\#xyz#"##)
        let plain = RedisChannels(key: "k", namespace: "/", uid: "xyz")
        #expect(plain.broadcastPattern == "k#/#*")
        #expect(plain.broadcast(toRooms: []) == "k#/#")
        #expect(plain.broadcast(toRooms: ["a", "b"]) == "k#/#")
        for room in ["r", "", "é#b"] {
            let channel = plain.broadcast(toRooms: [room])
            #expect(channel == "k#/#\(room)#")
            #expect(plain.room(ofChannel: Array(channel.utf8).span) == room)
        }
        #expect(plain.room(ofChannel: Array("k#/#".utf8).span) == nil)
        #expect(plain.room(ofChannel: Array("other#/#r#".utf8).span) == nil)
    }
}
