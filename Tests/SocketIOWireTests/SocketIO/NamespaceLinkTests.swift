import Testing

@testable import SocketIOWire

@Suite struct NamespaceLinkTests {
    private let start = ContinuousClock.Instant.now

    private func payload(_ link: NamespaceLink, auth: String = "") -> String {
        let writer = ByteWriter()
        link.appendConnectPayload(auth: Array(auth.utf8), to: writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    private func ask(_ link: inout NamespaceLink, mayCross: Bool = false) {
        link.want(now: start, timeout: .seconds(1))
        #expect(link.connectionOpened() == true)
        #expect(link.isPreparing && link.deadline == nil)
        link.connectSent(now: start, timeout: .seconds(1), mayCross: mayCross)
    }

    private func accept(_ link: inout NamespaceLink, _ reply: String = #"{"sid":"a"}"#) throws -> NamespaceLink.Answer {
        try link.receiveConnected(ConnectReply(parsing: reply.utf8.span))
    }

    private func join(_ link: inout NamespaceLink, _ reply: String) throws -> Bool {
        ask(&link)
        return try accept(&link, reply) == .joined(isRecovered: true)
    }

    @Test func `joins with each connection while it is wanted`() throws {
        var link = NamespaceLink()
        #expect(link.connectionOpened() == false)
        #expect(try join(&link, #"{"sid":"a"}"#) == false)
        #expect(link.isJoined)
        #expect(link.connectionClosed() == true)
        #expect(link.isWanted && !link.isJoined)
        #expect(try join(&link, #"{"sid":"b"}"#) == false)
        #expect(link.leave() == true)
        #expect(!link.isWanted)
        #expect(link.connectionOpened() == false)
    }

    @Test func `is not wanted any more once it is refused or thrown out`() throws {
        var link = NamespaceLink()
        ask(&link)
        #expect(link.deadline == start + .seconds(1))
        #expect(try link.receiveRefusal() == .refused)
        #expect(!link.isWanted)
        #expect(throws: ProtocolViolation.self) { try link.receiveRefusal() }
        _ = try join(&link, #"{"sid":"a"}"#)
        #expect(link.receiveDisconnect() == .joined)
        #expect(!link.isWanted)
    }

    @Test func `leaves before CONNECT without a word, and after it only once the answer is there`() throws {
        var link = NamespaceLink()
        link.want(now: start, timeout: .seconds(1))
        _ = link.connectionOpened()
        #expect(link.leave() == false)
        #expect(link.isIdle)
        ask(&link)
        #expect(link.leave() == false)
        #expect(!link.isIdle && !link.isWanted && link.deadline == nil)
        #expect(link.connectionOpened() == false)
        #expect(try accept(&link) == .late(isWanted: false))
        #expect(link.isIdle)
        ask(&link)
        _ = link.leave()
        #expect(try link.receiveRefusal() == .late(isWanted: false))
        #expect(link.isIdle)
        ask(&link)
        _ = link.leave()
        #expect(link.connectionClosed() == false)
        #expect(link.isIdle)
    }

    @Test func `wanted again before the answer, asks anew once it is there`() throws {
        var link = NamespaceLink()
        for isRefused in [false, true] {
            ask(&link)
            _ = link.leave()
            link.want(now: start, timeout: .seconds(1))
            #expect(link.isWanted && !link.isPreparing)
            #expect(link.deadline == start + .seconds(1))
            let answer = isRefused ? try link.receiveRefusal() : try accept(&link)
            #expect(answer == .late(isWanted: true))
            #expect(link.isPreparing)
            link.connectSent(now: start, timeout: .seconds(1))
            #expect(try accept(&link) == .joined(isRecovered: false))
            _ = link.leave()
        }
    }

    @Test func `an answer that is late is waited for, and said to be late each time`() throws {
        var link = NamespaceLink()
        ask(&link)
        #expect(link.handleTimeout(now: start, timeout: .seconds(1)) == false)
        #expect(!link.isOverdue)
        for second in 1...3 {
            #expect(link.handleTimeout(now: start + .seconds(second), timeout: .seconds(1)) == true)
            #expect(link.isOverdue && link.isWanted)
            #expect(link.deadline == start + .seconds(second + 1))
        }
        #expect(link.handleTimeout(now: start + .seconds(9), timeout: .seconds(-1)) == true)
        #expect(link.deadline == start + .seconds(9) + .milliseconds(1))
        #expect(try accept(&link) == .joined(isRecovered: false))
        #expect(!link.isOverdue)
    }

    @Test func `what the server sent before it heard of our DISCONNECT is for nobody`() throws {
        var link = NamespaceLink()
        ask(&link)
        #expect(link.takesEarlyEvents)
        #expect(link.receiveDisconnect() == .answered(.refused))
        ask(&link, mayCross: true)
        #expect(!link.takesEarlyEvents)
        #expect(link.receiveDisconnect() == .nothing)
        #expect(link.isWanted)
        #expect(try accept(&link) == .joined(isRecovered: false))
        #expect(link.receiveDisconnect() == .joined)
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
