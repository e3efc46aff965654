import SocketIOWire
import Testing

@Suite struct DepartureQueueTests {
    @Test func `elements leave in order, or before their turn`() {
        var queue = DepartureQueue<String>()
        for (id, element) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] as [(UInt64, String)] {
            queue.append(element, id: id)
        }
        queue.append("e", id: nil)
        #expect([3, 3, 9, 1].map { queue.remove($0) } == ["c", nil, nil, "a"])
        #expect(queue.first?.element == "b")
        #expect((0..<2).map { _ in queue.removeFirst() } == ["b", "d"])
        #expect(queue.count == 1 && queue.elements == ["e"] && !queue.contains(2))
        #expect((0..<2).map { _ in queue.removeFirst() } == ["e", nil])
        #expect(queue.isEmpty)
        queue.append("f", id: 1)
        #expect(queue.contains(1) && queue.elements == ["f"])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `does what an array does, whatever it goes through`(seed: UInt64) {
        var random = JSONTestRandom(seed: seed)
        var queue = DepartureQueue<Int>()
        var model: [(id: UInt64?, element: Int)] = []
        var next = 0
        for step in 0..<5000 {
            // Grows and shrinks in turn.
            let grows = step / 500 % 2 == 0
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<(grows ? 6 : 2):
                let id = Bool.random(using: &random) ? nil : UInt64(next)
                queue.append(next, id: id)
                model.append((id, next))
                next += 1
            case ..<8:
                let id = UInt64(Int.random(in: 0...next, using: &random))
                let place = model.firstIndex { $0.id == id }
                #expect(queue.contains(id) == (place != nil))
                #expect(queue.remove(id) == place.map { model.remove(at: $0).element })
            default:
                #expect(queue.removeFirst() == (model.isEmpty ? nil : model.removeFirst().element))
            }
            #expect(queue.count == model.count && queue.first?.element == model.first?.element)
            if step % 50 == 0 { #expect(queue.elements == model.map(\.element)) }
        }
    }
}
