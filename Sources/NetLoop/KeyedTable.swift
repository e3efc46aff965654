/// What has a key of its own.
package protocol Keyed: AnyObject {
    associatedtype Key: Hashable
    /// Stays the same for as long as the object is in a table.
    var key: Key { get }
}

/// Objects by their keys, as in a dictionary, but without a second copy of each key: a third of the memory.
///
/// An object is in the first free slot from where the hash of its key points on; at most three of four are taken.
package struct KeyedTable<Element: Keyed> {
    /// None, or a power of two.
    private var slots: [Element?] = []
    package private(set) var count = 0

    package init() {}

    package var all: [Element] { slots.compactMap { $0 } }

    package subscript(key: Element.Key) -> Element? {
        count == 0 ? nil : slots[slot(of: key)]
    }

    /// Adds `element`, in place of another with its key if there is one.
    package mutating func insert(_ element: Element) {
        if count >= slots.count / 4 * 3 { grow() }
        let slot = slot(of: element.key)
        if slots[slot] == nil { count += 1 }
        slots[slot] = element
    }

    /// Removes `element`; nothing happens if it is not there, but maybe another with its key.
    package mutating func remove(_ element: Element) {
        guard count > 0 else { return }
        var gap = slot(of: element.key)
        guard slots[gap] === element else { return }
        count -= 1
        var next = gap
        while true {
            next = (next + 1) & mask
            guard let follower = slots[next] else { break }
            // Who would not be found behind the gap fills it.
            if (next - home(of: follower.key)) & mask >= (next - gap) & mask {
                slots[gap] = follower
                gap = next
            }
        }
        slots[gap] = nil
    }

    private var mask: Int { slots.count - 1 }

    private func home(of key: Element.Key) -> Int {
        key.hashValue & mask
    }

    /// Where the element with `key` is, or would be.
    private func slot(of key: Element.Key) -> Int {
        var slot = home(of: key)
        while let element = slots[slot], element.key != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let elements = slots
        slots = Array(repeating: nil, count: max(8, elements.count * 2))
        for case let element? in elements { slots[slot(of: element.key)] = element }
    }
}
