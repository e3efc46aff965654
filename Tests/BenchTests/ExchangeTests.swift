import Testing

@testable import bench

struct ExchangeTests {
    private func plan(_ work: Work, _ payload: Payload = Payload(), _ speech: Target.Speech = .socketIO) -> LoadPlan {
        var plan = LoadPlan(work: work)
        plan.payload = payload
        plan.inFlight = 16
        plan.target.speech = speech
        return plan
    }

    @Test(arguments: [1, 16, 100, 10_000])
    func `an argument has the size that was asked for`(bytes: Int) {
        #expect(Argument(Payload(bytes: bytes), connection: 3, slot: 7).json.utf8.count == bytes + 2)
        if bytes >= 100 {
            let object = Argument(Payload(kind: .object, bytes: bytes), connection: 3, slot: 7)
            #expect(object.json.utf8.count == bytes)
        }
    }

    @Test func `messages under way at once differ, on one connection and on two`() {
        let exchanges = [0, 1].map { Exchange(plan(.echo), connection: $0) }
        let all = exchanges.flatMap(\.requests).flatMap { $0 }.map(\.bytes)
        #expect(Set(all).count == 32)
    }

    @Test func `an event is answered with itself, an acknowledgement with its argument`() {
        let echo = Exchange(plan(.echo, Payload(bytes: 16)), connection: 0)
        #expect(echo.requests[1] == [.text(#"42["echo-string","1000000/1000001 "]"#)])
        #expect(echo.replies == echo.requests)
        let ack = Exchange(plan(.ack, Payload(bytes: 16)), connection: 0)
        #expect(ack.requests[1] == [.text(#"421001["ack-string","1000000/1000001 "]"#)])
        #expect(ack.replies[1] == [.text(#"431001["1000000/1000001 "]"#)])
    }

    @Test func `the floor is asked what the server is asked, and hears it back`() {
        let server = Exchange(plan(.ack), connection: 0)
        let floor = Exchange(plan(.ack, Payload(), .raw), connection: 0)
        #expect(floor.requests == server.requests)
        #expect(floor.replies == server.requests)
    }

    @Test func `the members of a room hear as much from the floor as from the server`() {
        let server = Exchange(plan(.broadcast), connection: 0)
        let floor = Exchange(plan(.broadcast, Payload(), .raw), connection: 0)
        #expect(floor.replies == server.replies)
    }

    @Test func `what is compressed has different sizes, and is told apart all the same`() throws {
        var plan = plan(.echo, Payload(bytes: 4_000))
        plan.target.compresses = true
        let exchange = Exchange(plan, connection: 0)
        let ring = exchange.replyRing
        #expect(ring.size < 16 * 1_000 && ring.blockSizes.count == 16 && ring.blockSizes.reduce(0, +) == ring.size)
        // RSV1 of each (RFC 7692 6).
        var start = 0
        for size in ring.blockSizes {
            #expect(ring.bytes[start] == 0xC1)
            start += size
        }
    }

    @Test func `an event is acknowledged, and a chunk for the streams`() {
        let exchange = Exchange(plan(.events, Payload(bytes: 16)), connection: 0)
        #expect(exchange.requests[1] == [.text(#"421001["publish","1000000/1000001 "]"#)])
        #expect(exchange.replies[1] == [.text("431001[true]")])
        #expect(exchange.events[1] == Array("18\r\ndata: 1000000/1000001 \n\n\r\n".utf8))
    }

    @Test func `a typed argument is about 200 bytes and comes back as it was sent`() throws {
        let json = Argument(Payload(kind: .object, handler: .typed), connection: 99, slot: 15).json
        #expect((195...215).contains(json.utf8.count))
        #expect(try JSONText.encode(JSONText.decode(Record.self, from: json)) == json)
    }
}
