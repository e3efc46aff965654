/// Elements in the order in which they came, each of which may leave before its turn: by its id, which no other has.
///
/// Everything takes constant time, however many there are.
package struct DepartureQueue<Element> {
    fileprivate struct Slot {
        let id: UInt64?
        let element: Element
    }

    /// Nil where an element left: all of them before `head`, but not there.
    private var slots: [Slot?] = []
    private var head = 0
    /// Where the elements with ids stand in `slots`.
    private var places: [UInt64: Int] = [:]
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    package var first: (id: UInt64?, element: Element)? {
        guard head < slots.count, let slot = slots[head] else { return nil }
        return (slot.id, slot.element)
    }

    /// All elements, the first one first.
    package var elements: [Element] { slots[head...].compactMap { $0?.element } }

    package func element(_ id: UInt64) -> Element? {
        places[id].flatMap { slots[$0]?.element }
    }

    package func contains(_ id: UInt64) -> Bool { places[id] != nil }

    package mutating func append(_ element: Element, id: UInt64?) {
        precondition(id.map { places[$0] == nil } ?? true, "an id names one element")
        if let id { places[id] = slots.count }
        slots.append(Slot(id: id, element: element))
        count += 1
    }

    /// Takes the first one out.
    package mutating func removeFirst() -> Element? {
        guard head < slots.count, let slot = slots[head] else { return nil }
        if let id = slot.id { places[id] = nil }
        leave(at: head)
        return slot.element
    }

    /// Takes out the one with this id, if it is there.
    @discardableResult
    package mutating func remove(_ id: UInt64) -> Element? {
        guard let place = places.removeValue(forKey: id), let slot = slots[place] else { return nil }
        leave(at: place)
        return slot.element
    }

    package mutating func removeAll() {
        self = DepartureQueue()
    }

    private mutating func leave(at index: Int) {
        slots[index] = nil
        count -= 1
        while head < slots.count, slots[head] == nil { head += 1 }
        // Of so many empty slots each was an element's, which pays for its part of this.
        if slots.count > 2 * count + 16 { closeGaps() }
    }

    private mutating func closeGaps() {
        slots = slots[head...].filter { $0 != nil }
        head = 0
        for (index, slot) in slots.enumerated() {
            if let id = slot?.id { places[id] = index }
        }
    }
}

extension DepartureQueue: Sendable where Element: Sendable {}
extension DepartureQueue.Slot: Sendable where Element: Sendable {}
