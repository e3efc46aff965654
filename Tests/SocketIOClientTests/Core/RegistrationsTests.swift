import SocketIOWire
import TestSupport
import Testing

@testable import SocketIOClient

@Suite struct RegistrationsTests {
    @Test func `handlers are in the order registered, whichever are removed`() {
        var registrations = Registrations<Int>()
        var expected: [Int] = []
        var random = SeededGenerator(seed: 1)
        for id in 0..<2000 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0, 1:
                registrations.add(id, id: UInt64(id))
                expected.append(id)
            default:
                let gone = expected.randomElement(using: &random) ?? -1
                #expect(registrations.remove(UInt64(bitPattern: Int64(gone))) == (gone < 0 ? nil : gone))
                expected.removeAll { $0 == gone }
            }
            if id % 7 == 0 { #expect(registrations.inOrder() == expected) }
            #expect(registrations.isEmpty == expected.isEmpty)
        }
        #expect(registrations.inOrder() == expected)
    }

    @Test func `what is removed is removed once, and given back`() {
        var registrations = Registrations<String>()
        registrations.add("a", id: 1)
        #expect(registrations.inOrder() == ["a"])
        #expect(registrations.remove(1) == "a")
        #expect(registrations.remove(1) == nil)
        #expect(registrations.inOrder() == [])
    }

    /// The processor's instructions are counted by `bench scaling`; here it is that each list is found by the ids of its own.
    @Test func `an id removes from the list that it is in`() {
        var callbacks = SocketCallbacks()
        callbacks.connect.add(.immediate { _ in }, id: 1)
        callbacks.any.add({ _, _ in }, id: 2)
        #expect(callbacks.remove(2).count { $0 != nil } == 1)
        #expect(callbacks.any.isEmpty && !callbacks.connect.isEmpty)
        #expect(callbacks.remove(3).allSatisfy { $0 == nil })
        var manager = ManagerCallbacks()
        manager.close.add({ _ in }, id: 4)
        #expect(manager.remove(4).count { $0 != nil } == 1)
        #expect(manager.close.isEmpty)
    }
}
