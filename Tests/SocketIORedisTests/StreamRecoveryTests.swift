import AdapterConformance
import SocketIO
import TestSupport
import Testing

@testable import SocketIORedis

/// A client as the official one is: it remembers the last text of each event, and shows it when it comes back.
private final class Peer {
    private var raw: RawClient
    private(set) var sid = ""
    private(set) var pid = ""
    var offset: String?
    private(set) var isRecovered = false
    /// What came: the events without their offsets.
    private(set) var heard: [String] = []

    init(_ port: Int) throws {
        raw = try RawClient(port: port)
        try connect("")
    }

    private func connect(_ namespace: String) throws {
        try raw.openWebSocket("/socket.io/?EIO=4&transport=websocket")
        _ = try receive()
        let prefix = namespace.isEmpty ? "" : namespace + ","
        let shown = offset.map { #","offset":"\#($0)""# } ?? ""
        try raw.sendText("40\(prefix)" + (pid.isEmpty ? "{}" : #"{"pid":"\#(pid)"\#(shown)}"#))
        while true {
            let packet = try receive()
            guard packet.hasPrefix("40") else {
                note(packet)
                continue
            }
            let parts = packet.split(separator: "\"")
            isRecovered = parts[7] == pid
            (sid, pid) = (String(parts[3]), String(parts[7]))
            return
        }
    }

    private func receive() throws -> String {
        while true {
            let packet = try raw.receiveText()
            guard packet == "2" else { return packet }
            try raw.sendText("3")
        }
    }

    private func note(_ packet: String) {
        guard let match = packet.firstMatch(of: /\["n",(\d+),"(\d+-\d+)"\]$/) else { return heard.append(packet) }
        heard.append(String(match.1))
        offset = String(match.2)
    }

    /// Takes all up to the event of this number.
    func hear(until number: Int) throws {
        while heard.last != "\(number)" { note(try receive()) }
    }

    func cut() { raw.abort() }

    /// Shows what is another's.
    func claim(_ pid: String, _ offset: String?) {
        self.pid = pid
        self.offset = offset
    }

    func comeBack(to port: Int, namespace: String = "") throws {
        raw = try RawClient(port: port)
        try connect(namespace)
    }

    func takeHeard() -> [String] {
        defer { heard = [] }
        return heard
    }
}

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct StreamRecoveryTests {
    private func withNodes(
        _ configure: @escaping (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (Nodes, RedisTap) async throws -> Void
    ) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        let joining = Joining(makeAdapter: { try RedisStreamsAdapter(url) })
        try await Nodes.run(
            2, joined: joining,
            {
                $0.recovery = .init()
                configure(&$0)
            }
        ) { nodes in
            for io in nodes.servers {
                io.namespace("/raw").onConnection { _ in }
                io.onConnection { socket in
                    if !socket.isRecovered {
                        socket.join("red")
                        socket.data.name = "ada"
                    }
                }
            }
            let tap = try RedisTap(redis.url)
            try await body(nodes, tap)
            await tap.end()
        }
        withExtendedLifetime(redis) {}
    }

    private func waitUntilKept(_ peer: Peer, _ tap: RedisTap) async throws {
        try await eventually("its session is kept") {
            let reply = try? await tap.client.call(RedisCommand("EXISTS", "sio:session:\(peer.pid)"))
            return reply?.integer == 1
        }
    }

    @Test func `a client that lost one node goes on at another, with all that it missed, once and in order`()
        async throws
    {
        try await withNodes { nodes, tap in
            let peer = try Peer(nodes.ports[0])
            for number in 0..<3 { nodes[number % 2].to("red").emit("n", number) }
            nodes[0].emit("n", 3)
            try peer.hear(until: 3)
            let sid = peer.sid
            var next = 4
            for turn in 0..<6 {
                peer.cut()
                try await waitUntilKept(peer, tap)
                for _ in 0..<250 {
                    nodes[turn % 2].to("red").emit("n", next)
                    nodes[turn % 2].to("blue").emit("n", -1)
                    nodes[turn % 2].except("red").emit("n", -1)
                    next += 1
                }
                nodes[turn % 2].to(SocketID(sid)).emit("n", next)
                next += 1
                try peer.comeBack(to: nodes.ports[(turn + 1) % 2])
                #expect(peer.isRecovered)
                #expect(peer.sid == sid)
                for _ in 0..<50 {
                    nodes[(turn + 1) % 2].to("red").emit("n", next)
                    next += 1
                }
                try peer.hear(until: next - 1)
            }
            let heard = peer.takeHeard()
            #expect(heard.compactMap { Int($0) }.count == heard.count)
            #expect(heard.last == "\(next - 1)")
            // What two nodes sent at once at the beginning is in no order.
            #expect(heard.dropFirst(4) == (4..<next).map { "\($0)" }[...])
            #expect(Set(heard.prefix(4)) == ["0", "1", "2", "3"])
            let found = await nodes[0].to("red").sockets()
            #expect(found.map(\.id.description) == [sid])
            let name: String? = found.first?.data.name
            #expect(name == "ada")
        }
    }

    @Test func `a session is had once, and in its own namespace`() async throws {
        try await withNodes { nodes, tap in
            let peer = try Peer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            let (sid, pid, offset) = (peer.sid, peer.pid, peer.offset)
            peer.cut()
            try await waitUntilKept(peer, tap)
            // Another namespace has nothing for it, and takes nothing.
            let thief = try Peer(nodes.ports[1])
            thief.claim(pid, offset)
            try thief.comeBack(to: nodes.ports[1], namespace: "/raw")
            #expect(!thief.isRecovered)
            #expect(thief.sid != sid)
            try peer.comeBack(to: nodes.ports[1])
            #expect(peer.isRecovered)
            let late = try Peer(nodes.ports[0])
            late.claim(pid, offset)
            try late.comeBack(to: nodes.ports[0])
            #expect(!late.isRecovered)
        }
    }

    @Test(arguments: ["1-0", "99999999999999999999999-0", "last", "5", "18446744073709551615-18446744073709551615"])
    func `an offset that nobody gave begins anew, and costs nobody its session`(_ offset: String) async throws {
        try await withNodes { nodes, tap in
            let peer = try Peer(nodes.ports[0])
            nodes[0].emit("n", 1)
            try peer.hear(until: 1)
            let (pid, known) = (peer.pid, peer.offset)
            peer.cut()
            try await waitUntilKept(peer, tap)
            let other = try Peer(nodes.ports[1])
            other.claim(pid, offset)
            try other.comeBack(to: nodes.ports[1])
            #expect(offset == "1-0" || !other.isRecovered)
            guard !other.isRecovered else { return }
            peer.offset = known
            try peer.comeBack(to: nodes.ports[1])
            #expect(peer.isRecovered)
        }
    }
}
