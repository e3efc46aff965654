import Testing

@testable import SocketIOWire

@Suite struct NamespaceLinkTests {
    private let start = ContinuousClock.Instant.now

    private func payload(_ link: NamespaceLink, auth: String = "") -> String {
        let writer = ByteWriter()
        link.appendConnectPayload(auth: Array(auth.utf8), to: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    private func join(_ link: inout NamespaceLink, _ reply: String) throws -> Bool {
        link.want()
        #expect(link.connectionOpened(now: start, timeout: .seconds(1)) == true)
        return try link.receiveConnected(ConnectReply(parsing: reply.utf8.span))
    }

    @Test func `joins with each connection while it is wanted`() throws {
        var link = NamespaceLink()
        #expect(link.connectionOpened(now: start, timeout: .seconds(1)) == false)
        #expect(try join(&link, #"{"sid":"a"}"#) == false)
        #expect(link.isJoined)
        #expect(link.connectionClosed() == true)
        #expect(link.isWanted && !link.isJoined)
        #expect(try join(&link, #"{"sid":"b"}"#) == false)
        #expect(link.leave() == true)
        #expect(!link.isWanted)
        #expect(link.connectionOpened(now: start, timeout: .seconds(1)) == false)
    }

    @Test func `is not wanted any more once it is refused or thrown out`() throws {
        var link = NamespaceLink()
        link.want()
        _ = link.connectionOpened(now: start, timeout: .seconds(1))
        #expect(link.deadline == start + .seconds(1))
        #expect(link.receiveRefusal() == true)
        #expect(!link.isWanted)
        #expect(link.receiveRefusal() == false)
        _ = try join(&link, #"{"sid":"a"}"#)
        #expect(link.receiveDisconnect() == true)
        #expect(!link.isWanted)
    }

    @Test func `recovers with the private id and the last offset`() throws {
        var link = NamespaceLink()
        #expect(payload(link, auth: #"{"a":1}"#) == #"{"a":1}"#)
        #expect(try join(&link, #"{"sid":"a","pid":"secret"}"#) == false)
        #expect(payload(link) == #"{"pid":"secret"}"#)
        link.note(offset: "o1")
        _ = link.connectionClosed()
        #expect(payload(link, auth: #"{"a":1}"#) == #"{"pid":"secret","offset":"o1","a":1}"#)
        #expect(payload(link, auth: "{}") == #"{"pid":"secret","offset":"o1"}"#)
        #expect(try join(&link, #"{"sid":"a","pid":"secret"}"#) == true)
        _ = link.connectionClosed()
        #expect(try join(&link, #"{"sid":"b","pid":"other"}"#) == false)
        #expect(payload(link) == #"{"pid":"other"}"#)
    }

    @Test func `an answer to no CONNECT is refused`() throws {
        var link = NamespaceLink()
        let reply = try ConnectReply(parsing: #"{"sid":"a"}"#.utf8.span)
        #expect(throws: ProtocolViolation.self) { try link.receiveConnected(reply) }
        #expect(throws: ProtocolViolation.self) { try ConnectReply(parsing: "".utf8.span) }
        #expect(throws: ProtocolViolation.self) { try ConnectReply(parsing: "{}".utf8.span) }
    }

    @Test func `reads a refusal, also that of an older server`() throws {
        let full = try ConnectRefusal(parsing: #"{"message":"no","data":{"code":7}}"#.utf8.span)
        #expect(full.message == "no")
        #expect(full.data["code"].intValue == 7)
        #expect(try ConnectRefusal(parsing: #""no""#.utf8.span).message == "no")
        #expect(throws: ProtocolViolation.self) { try ConnectRefusal(parsing: "3".utf8.span) }
    }
}
