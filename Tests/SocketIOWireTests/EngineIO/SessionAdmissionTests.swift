import SocketIOWire
import TestSupport
import Testing

/// Protocol.md 6: sessions in total, of one network, and that have joined nothing yet.
@Suite struct SessionAdmissionTests {
    private let here = PeerNetwork(of: "192.0.2.1")
    private let there = PeerNetwork(of: "2001:db8::1")

    private func id(_ number: Int) -> CompactID { CompactID("session \(number)") }

    private func admission(_ set: (inout SessionAdmission.Limits) -> Void) -> SessionAdmission {
        var limits = SessionAdmission.Limits()
        set(&limits)
        return SessionAdmission(limits: limits)
    }

    @Test func `sessions in total, none of which is to make place`() {
        var sessions = admission { $0.sessions = 2 }
        for number in 0..<2 {
            #expect(sessions.enter(id(number), from: here, holding: 1, joins: true) == .admitted(ending: []))
            sessions.join(id(number))
        }
        #expect(sessions.enter(id(2), from: there, holding: 1, joins: true) == .refused(.server))
        #expect(sessions.enter(id(2), from: there, holding: 1, joins: false) == .refused(.server))
        sessions.leave(id(0), from: here)
        #expect(sessions.enter(id(2), from: there, holding: 1, joins: true) == .admitted(ending: []))
        #expect(sessions.count == 2)
    }

    @Test func `where the total is reached the one that has not joined goes first`() {
        var sessions = admission { $0.sessions = 2 }
        _ = sessions.enter(id(0), from: here, holding: 1, joins: false)
        _ = sessions.enter(id(1), from: here, holding: 1, joins: true)
        #expect(sessions.enter(id(2), from: there, holding: 1, joins: true) == .admitted(ending: [id(1)]))
        #expect(sessions.isOutgoing(id(1)))
        #expect(sessions.count == 2)
        // It joins a moment too late, and ends: its place is another's, and is freed by that one.
        sessions.join(id(1))
        sessions.leave(id(1), from: here)
        #expect(!sessions.isOutgoing(id(1)))
        #expect(sessions.count == 2)
    }

    @Test func `sessions of one network`() {
        var sessions = admission { $0.perNetwork = 2 }
        for number in 0..<2 {
            #expect(sessions.enter(id(number), from: here, holding: 1, joins: true) == .admitted(ending: []))
        }
        #expect(sessions.enter(id(2), from: here, holding: 1, joins: true) == .admitted(ending: [id(0)]))
        sessions.join(id(1))
        sessions.join(id(2))
        #expect(sessions.enter(id(3), from: here, holding: 1, joins: true) == .refused(.network))
        #expect(sessions.enter(id(3), from: there, holding: 1, joins: true) == .admitted(ending: []))
        sessions.leave(id(2), from: here)
        #expect(sessions.enter(id(4), from: here, holding: 1, joins: false) == .admitted(ending: []))
        #expect(sessions.enter(id(5), from: here, holding: 1, joins: false) == .refused(.network))
    }

    @Test func `a network that floods ends its own sessions, and a newcomer from elsewhere can take its time`() {
        var sessions = admission { $0.unjoined = 100 }
        #expect(sessions.enter(id(-1), from: there, holding: 500, joins: true) == .admitted(ending: []))
        for number in 0..<100_000 {
            let decision = sessions.enter(id(number), from: here, holding: 300, joins: true)
            #expect(decision == .admitted(ending: number < 99 ? [] : [id(number - 99)]))
            if number >= 99 { sessions.leave(id(number - 99), from: here) }
        }
        #expect(!sessions.isOutgoing(id(-1)))
        #expect(sessions.count == 100)
        sessions.join(id(-1))
        #expect(sessions.unjoinedCount == 99)
    }

    @Test func `a newcomer from the network that floods can take as long as it takes to open all others`() {
        var sessions = admission { $0.unjoined = 100 }
        _ = sessions.enter(id(-1), from: here, holding: 300, joins: true)
        for number in 0..<99 { _ = sessions.enter(id(number), from: here, holding: 300, joins: true) }
        #expect(!sessions.isOutgoing(id(-1)))
        #expect(sessions.enter(id(99), from: here, holding: 300, joins: true) == .admitted(ending: [id(-1)]))
    }

    @Test func `bytes that unjoined sessions hold together`() {
        var sessions = admission { $0.unjoinedBytes = 1000 }
        #expect(sessions.enter(id(0), from: here, holding: 600, joins: true) == .admitted(ending: []))
        #expect(sessions.enter(id(1), from: here, holding: 400, joins: true) == .admitted(ending: []))
        #expect(sessions.enter(id(2), from: here, holding: 401, joins: true) == .admitted(ending: [id(0)]))
        #expect(sessions.unjoinedByteCount == 801)
        #expect(sessions.enter(id(3), from: here, holding: 1000, joins: true) == .admitted(ending: [id(1), id(2)]))
        // One has a place in any case.
        #expect(sessions.enter(id(4), from: here, holding: 1001, joins: true) == .admitted(ending: [id(3)]))
        sessions.join(id(4))
        #expect(sessions.unjoinedByteCount == 0)
    }

    /// What the rules say, without an index.
    private struct Model {
        struct Session {
            let id: Int
            let network: Int
            let bytes: Int
            var isJoined: Bool
        }

        var sessions: [Session] = []
        var outgoing: [Session] = []

        var unjoined: [Session] { sessions.filter { !$0.isJoined } }

        func held(by network: Int) -> Int { unjoined.filter { $0.network == network }.reduce(0) { $0 + $1.bytes } }

        mutating func end(_ id: Int) {
            guard let index = sessions.firstIndex(where: { $0.id == id }) else { return }
            outgoing.append(sessions.remove(at: index))
        }
    }

    @Test(arguments: 0..<20) func `places are freed exactly once, whatever happens`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let networks = (0..<6).map { PeerNetwork(of: "10.0.0.\($0)") }
        let perNetwork = seed % 2 == 0 ? nil : 9
        var sessions = admission {
            $0.sessions = 20
            $0.unjoined = 8
            $0.unjoinedBytes = 2000
            $0.perNetwork = perNetwork
        }
        var model = Model()
        for number in 0..<20_000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let network = min(Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))
                let bytes = Int.random(in: 1...600, using: &random)
                let joins = Int.random(in: 0..<6, using: &random) > 0
                switch sessions.enter(id(number), from: networks[network], holding: bytes, joins: joins) {
                case .admitted(let ending):
                    for ended in ending {
                        let number = model.sessions.first { id($0.id) == ended }?.id ?? -1
                        precondition(number >= 0, "ended twice")
                        let session = model.unjoined.first { $0.id == number }
                        precondition(session != nil, "one that has joined made place")
                        // The oldest of its network, which holds most unless it has to go for its network's sake.
                        precondition(model.unjoined.first { $0.network == session?.network }?.id == number)
                        let most = (0..<6).map(model.held).max()
                        precondition(
                            model.held(by: session?.network ?? 0) == most || perNetwork != nil, "not of the heaviest")
                        model.end(number)
                    }
                    model.sessions.append(.init(id: number, network: network, bytes: bytes, isJoined: !joins))
                case .refused(.server):
                    precondition(model.sessions.count == 20 && model.unjoined.isEmpty)
                case .refused(.network):
                    precondition(model.sessions.count { $0.network == network } == perNetwork)
                    precondition(!model.unjoined.contains { $0.network == network })
                }
            case 4:
                guard let index = model.sessions.indices.randomElement(using: &random) else { break }
                model.sessions[index].isJoined = true
                sessions.join(id(model.sessions[index].id))
            case 5:
                guard let index = model.outgoing.indices.randomElement(using: &random) else { break }
                sessions.join(id(model.outgoing[index].id))
            case 6:
                guard let index = model.sessions.indices.randomElement(using: &random) else { break }
                let session = model.sessions.remove(at: index)
                sessions.leave(id(session.id), from: networks[session.network])
            default:
                guard let index = model.outgoing.indices.randomElement(using: &random) else { break }
                let session = model.outgoing.remove(at: index)
                precondition(sessions.isOutgoing(id(session.id)))
                sessions.leave(id(session.id), from: networks[session.network])
                precondition(!sessions.isOutgoing(id(session.id)))
            }
            precondition(sessions.count == model.sessions.count && sessions.count <= 20)
            precondition(sessions.unjoinedCount == model.unjoined.count && sessions.unjoinedCount <= 8)
            precondition(sessions.unjoinedByteCount == model.unjoined.reduce(0) { $0 + $1.bytes })
            precondition(sessions.unjoinedByteCount <= 2000)
            if let perNetwork {
                for network in 0..<6 {
                    precondition(model.sessions.count { $0.network == network } <= perNetwork)
                }
            }
        }
        for session in model.sessions + model.outgoing {
            sessions.leave(id(session.id), from: networks[session.network])
        }
        #expect(sessions.count == 0)
        #expect(sessions.unjoinedCount == 0)
        #expect(sessions.unjoinedByteCount == 0)
    }

    @Test func `a flood from very many networks costs each newcomer about the same`() {
        var sessions = admission { $0.unjoined = 10_000 }
        func enter(_ numbers: Range<Int>) -> Duration {
            ContinuousClock().measure {
                for number in numbers {
                    let network = PeerNetwork(of: "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)")
                    guard
                        case .admitted(let ending) = sessions.enter(
                            id(number), from: network, holding: 300 + number % 7, joins: true)
                    else { continue }
                    for id in ending { sessions.leave(id, from: network) }
                }
            }
        }
        let first = enter(0..<10_000)
        let later = enter(50_000..<60_000)
        #expect(later < first * 20)
    }
}

@Suite struct PeerNetworkTests {
    @Test func `an IPv4 address stands for itself`() {
        #expect(PeerNetwork(of: "192.0.2.1") == PeerNetwork(of: "192.0.2.1"))
        #expect(PeerNetwork(of: "192.0.2.1") != PeerNetwork(of: "192.0.2.2"))
        #expect(PeerNetwork(of: "0.0.0.0") != PeerNetwork(of: "::"))
        #expect(PeerNetwork(of: "unknown") != PeerNetwork(of: "0.0.0.0"))
        for text in ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "a.b.c.d"] {
            #expect(PeerNetwork(of: text) == PeerNetwork(of: "unknown"))
        }
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db8::2"), ("2001:db8::1", "2001:db8:0:0:ffff:1:2:3"), ("::1", "::2"), ("::", "::1"),
        ("fe80::1:2:3:4", "fe80::"), ("1:2:3:4:5:6:7:8", "1:2:3:4::"), ("1::4:5:6:7:8", "1:0:0:4::9"),
        ("2001:DB8::1", "2001:db8::1"),
    ])
    func `an IPv6 address stands for its first 64 bits`(_ first: String, _ second: String) {
        #expect(PeerNetwork(of: first) == PeerNetwork(of: second))
    }

    @Test(arguments: [
        ("2001:db8::1", "2001:db9::1"), ("1:2:3:4::", "1:2:3:5::"), ("::1", "0:0:0:1::"), ("1::4:5:6:7:8", "1::"),
    ])
    func `another network is another`(_ first: String, _ second: String) {
        #expect(PeerNetwork(of: first) != PeerNetwork(of: second))
    }
}
