import SocketIOWire
import TestSupport
import Testing

@Suite struct NodePoolTests {
    private final class Link {}

    private static let nodes: [NodeTag] = {
        var random = SeededGenerator(seed: 7)
        return (0..<3).map { _ in NodeTag(using: &random) }
    }()

    private static func at(_ seconds: Int) -> CompactInstant { NodeExchangeTests.at(seconds) }

    /// Connections of a pool as chance makes, keeps and ends them, and what is known of them beside it.
    @Test(arguments: 1...10)
    func `whatever happens to connections, none is used twice, and none is over the limit`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pool = NodePool<Link>(limit: 5, keepAliveTime: .seconds(20))
        var used: [(node: NodeTag, link: Link)] = []
        var kept: [ObjectIdentifier: (node: NodeTag, link: Link, since: Int)] = [:]
        var seen: Set<String> = []
        for second in 0..<5_000 {
            let node = Self.nodes.randomElement(using: &random)!
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2:
                let total = used.filter { $0.node == node }.count + kept.values.filter { $0.node == node }.count
                switch pool.take(to: node) {
                case .kept(let link):
                    #expect(kept.removeValue(forKey: ObjectIdentifier(link))?.node == node)
                    used.append((node, link))
                    seen.insert("kept")
                case .new:
                    #expect(total < 5)
                    #expect(!kept.values.contains { $0.node == node })
                    used.append((node, Link()))
                    seen.insert("new")
                case .full:
                    #expect(total == 5)
                    seen.insert("full")
                }
            case 3, 4:
                guard let index = used.indices.randomElement(using: &random) else { break }
                let (node, link) = used.remove(at: index)
                let isKept = pool.keep(link, to: node, now: Self.at(second))
                #expect(isKept)
                kept[ObjectIdentifier(link)] = (node, link, second)
            case 5:
                guard let index = used.indices.randomElement(using: &random) else { break }
                pool.remove(to: used.remove(at: index).node)
            case 6:
                guard let entry = kept.values.randomElement(using: &random) else { break }
                let removals = [0, 1].map { _ in pool.removeKept(entry.link, to: entry.node) }
                #expect(removals == [true, false])
                kept[ObjectIdentifier(entry.link)] = nil
            default:
                // Half of the time that the other side keeps one.
                for link in pool.expire(now: Self.at(second)) {
                    let entry = kept.removeValue(forKey: ObjectIdentifier(link))
                    #expect(entry.map { $0.since + 10 <= second } == true)
                    seen.insert("expired")
                }
                #expect(kept.values.allSatisfy { $0.since + 10 > second })
            }
            for node in Self.nodes {
                let total = used.filter { $0.node == node }.count + kept.values.filter { $0.node == node }.count
                #expect(pool.count(to: node) == total)
            }
            #expect(pool.deadline == kept.values.map { Self.at($0.since + 10) }.min())
        }
        #expect(seen.count == 4, "\(seen)")
    }

    @Test func `of those that do nothing, so many are kept`() {
        var pool = NodePool<Link>(limit: 1_000, keepAliveTime: .seconds(65))
        let node = Self.nodes[0]
        for _ in 0...NodePool<Link>.keptLimit { _ = pool.take(to: node) }
        let kept = (0...NodePool<Link>.keptLimit).map { _ in pool.keep(Link(), to: node, now: Self.at(0)) }
        #expect(kept.filter { $0 }.count == NodePool<Link>.keptLimit && kept.last == false)
        #expect(pool.count(to: node) == NodePool<Link>.keptLimit)
        let expired = [29, 30].map { pool.expire(now: Self.at($0)).count }
        #expect(expired == [0, NodePool<Link>.keptLimit])
    }

    private static func word(_ answer: NodeAddresses<Int>.Answer) -> String {
        switch answer {
        case .known(let origin): "\(origin.host):\(origin.port)"
        case .ask: "ask"
        case .wait: "wait"
        case .full: "full"
        }
    }

    @Test func `a node is asked about once at a time, and everybody who waits is told`() throws {
        var addresses = NodeAddresses<Int>()
        let node = Self.nodes[0]
        let origin = try HTTPOrigin(parsing: "http://10.0.0.5:3000")
        let words = (1...9).map { Self.word(addresses.find(node, for: $0)) }
        #expect(words == ["ask"] + Array(repeating: "wait", count: 8))
        #expect(addresses.found(nil, for: node) == Array(1...9))
        #expect(addresses.found(nil, for: node) == [])
        #expect(Self.word(addresses.find(node, for: 1)) == "ask")
        #expect(addresses.found(origin, for: node) == [1])
        #expect(Self.word(addresses.find(node, for: 2)) == "10.0.0.5:3000")
        addresses.forget(node)
        #expect(Self.word(addresses.find(node, for: 3)) == "ask")
    }

    @Test func `who names nodes that there are not has so many asked about at a time`() {
        var addresses = NodeAddresses<Int>()
        var random = SeededGenerator(seed: 3)
        for _ in 0..<NodeAddresses<Int>.questionLimit { _ = addresses.find(NodeTag(using: &random), for: 0) }
        let last = NodeTag(using: &random)
        #expect(Self.word(addresses.find(last, for: 0)) == "full")
        #expect(addresses.found(nil, for: last) == [])
    }
}
