import EngineIO
import Synchronization
import TestSupport
import Testing

@testable import NetLoop

/// When a stream of events sends its comments: in time that the test moves.
@Suite(.timeLimit(.minutes(1))) struct EventStreamTimeTests {
    /// What a client hears.
    private final class Listener: ConnectionHandler {
        let heard: Heard

        init(_ heard: Heard) {
            self.heard = heard
        }

        func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
            let arrived = bytes.span.indices.map { bytes[$0] }
            heard.append(arrived)
        }

        func peerFinished(_ connection: TCPConnection) {}
        func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
    }

    @Test func `a comment comes that long after the last event, and none while there are events`() async throws {
        let time = ManualTime()
        var configuration = EngineIOServer.Configuration()
        configuration.loops = 1
        configuration.logger = LogLines()
        let engine = EngineIOServer(configuration)
        let (wishes, wish) = AsyncStream.makeStream(of: String.self)
        engine.http.events("/", heartbeat: .seconds(10)) { _, stream in
            for await text in wishes { try await stream.send(text) }
        }
        try await engine.serve(in: time)
        let clients = try EventLoopGroup(count: 1, time: time)
        let loops = engine.shards.map(\.loop) + clients.loops
        let heard = Heard()
        let (near, far) = try DetachedConnection.pair()
        #expect(engine.serve(far))
        let client = await clients.loops[0].call { loop in
            near.adopt(on: loop).map { connection in
                let listener = Listener(heard)
                connection.handler = listener
                connection.send(RawClient.requestBytes("GET", "/"))
                return (LoopBound(connection, on: loop), LoopBound(listener, on: loop))
            }
        }
        let (connection, listener) = try #require(client)
        func commentsAfter(_ duration: Duration, then text: String? = nil) async throws -> Int {
            time.advance(by: duration)
            _ = try await Settlement(loops).wait(within: .seconds(30))
            let comments = heard.text.components(of: "3\r\n:\n\n\r\n")
            if let text {
                wish.yield(text)
                _ = try await Settlement(loops).wait(within: .seconds(30))
                #expect(heard.text.contains("data: \(text)\n\n"))
            }
            return comments
        }
        #expect(try await commentsAfter(.zero, then: "first") == 0)
        for number in 0..<5 { #expect(try await commentsAfter(.seconds(6), then: "\(number)") == 0) }
        #expect(try await commentsAfter(.seconds(9)) == 0)
        #expect(try await commentsAfter(.seconds(2)) == 1)
        #expect(try await commentsAfter(.seconds(8)) == 1)
        #expect(try await commentsAfter(.seconds(3)) == 2)
        wish.finish()
        await clients.loops[0].call { _ in connection.value.close() }
        _ = try await Settlement(loops).wait(within: .seconds(30))
        await engine.close()
        await clients.loops[0].call { $0.closeAll() }
        clients.stop()
        withExtendedLifetime(listener) {}
    }
}

/// What a client has heard, for other threads.
private final class Heard: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(of part: String) -> Int {
        ranges(of: part).count
    }
}
