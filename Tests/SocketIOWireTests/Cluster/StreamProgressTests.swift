import SocketIOWire
import Testing

@Suite struct StreamProgressTests {
    private func place(_ number: UInt64) -> RedisStreamID { RedisStreamID(milliseconds: number, sequence: 0) }

    /// Began at 10, was sent the entry 20, and its node knew of 30 when it went.
    private var progress: StreamProgress { StreamProgress(start: place(10), latest: place(20), end: place(30)) }

    @Test(arguments: [(nil, 10), (5, 10), (10, 10), (15, 15), (20, 30), (25, 30), (30, 30), (40, 40)])
    func `a client that has had all is as far as its node was, another where it says`(
        _ offset: UInt64?, _ expected: UInt64
    ) {
        #expect(progress.place(after: offset.map { place($0) }) == place(expected))
    }

    @Test func `one that was sent nothing has missed nothing until its node knew that it went`() {
        let progress = StreamProgress(start: place(10), latest: place(10), end: place(30))
        #expect(progress.place(after: nil) == place(30))
    }

    @Test func `it is kept with a session`() throws {
        let session = ClusterSession(
            socket: "sid", pid: "pid", rooms: ["a"], data: .object([:]), namespace: "/x", node: "0123456789abcdef",
            progress: progress)
        #expect(try ClusterSession(base64: session.base64.span, limits: ClusterLimits()) == session)
    }
}
