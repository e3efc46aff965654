import TestSupport
import Testing

@testable import SocketIOWire

@Suite struct AddressTableTests {
    private final class Entry {}

    private func network(_ number: Int) -> PeerNetwork {
        PeerNetwork(of: "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)")
    }

    @Test func `an address has one entry while it is kept`() {
        var table = AddressTable<Entry>(limit: 2)
        let first = table.see(network(1), Entry.init)
        #expect(table.see(network(1), Entry.init) === first)
        #expect(table.enter(network(1), Entry.init) === first)
        table.leave(network(1))
        #expect(table.see(network(1), Entry.init) === first)
        #expect(table.count == 1)
    }

    @Test func `the one that was seen longest ago goes first, and nobody with sessions`() {
        var table = AddressTable<Entry>(limit: 3)
        let entries = (0..<3).map { table.see(network($0), Entry.init) }
        #expect(table.enter(network(1), Entry.init) === entries[1])
        #expect(table.see(network(0), Entry.init) === entries[0])
        _ = table.see(network(3), Entry.init)
        #expect(table.count == 3)
        #expect(table.see(network(0), Entry.init) === entries[0])
        #expect(table.see(network(1), Entry.init) === entries[1])
        #expect(table.see(network(2), Entry.init) !== entries[2])
    }

    @Test func `those with sessions are kept, however many there are`() {
        var table = AddressTable<Entry>(limit: 10)
        for number in 0..<1_000 { _ = table.enter(network(number), Entry.init) }
        #expect(table.count == 1_000)
        for number in 0..<1_000 { table.leave(network(number)) }
        _ = table.see(network(2_000), Entry.init)
        #expect(table.count == 10)
        table.leave(network(5))
        #expect(table.count == 10)
    }

    @Test(arguments: 0..<10)
    func `whatever happens, so many are kept as there are sessions or the limit says`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var table = AddressTable<Entry>(limit: 8)
        var sessions: [Int: Int] = [:]
        for _ in 0..<5_000 {
            let number = Int.random(in: 0..<40, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: _ = table.see(network(number), Entry.init)
            case 1:
                _ = table.enter(network(number), Entry.init)
                sessions[number, default: 0] += 1
            default:
                guard let count = sessions[number] else { continue }
                table.leave(network(number))
                sessions[number] = count == 1 ? nil : count - 1
            }
            #expect(table.count <= max(8, sessions.count + 1))
            #expect(table.count >= min(8, sessions.count))
        }
    }
}
