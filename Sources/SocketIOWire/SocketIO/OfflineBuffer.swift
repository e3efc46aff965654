/// What the application sends while there is no connection: kept in order, up to a limit.
package struct OfflineBuffer<Element> {
    private var queue = DepartureQueue<(element: Element, byteCount: Int)>()
    private var byteCount = 0
    private let maxCount: Int
    private let maxBytes: Int
    private let dropsOldest: Bool

    /// - Parameter dropsOldest: What goes at the limit: the oldest elements, or those that do not fit any more.
    package init(maxCount: Int, maxBytes: Int, dropsOldest: Bool) {
        self.maxCount = maxCount
        self.maxBytes = maxBytes
        self.dropsOldest = dropsOldest
    }

    package var count: Int { queue.count }

    /// Adds an element and returns what had to go for it, which may be the element itself.
    ///
    /// - Parameter id: What `remove` is to know it by.
    package mutating func append(_ element: Element, id: UInt64? = nil, byteCount added: Int) -> [Element] {
        var dropped: [Element] = []
        while queue.count >= maxCount || byteCount > maxBytes - added {
            guard dropsOldest, let oldest = queue.removeFirst() else { return dropped + [element] }
            byteCount -= oldest.byteCount
            dropped.append(oldest.element)
        }
        queue.append((element, added), id: id)
        byteCount += added
        return dropped
    }

    /// All elements, oldest first.
    package mutating func takeAll() -> [Element] {
        defer {
            queue.removeAll()
            byteCount = 0
        }
        return queue.elements.map(\.element)
    }

    /// Removes what is not wanted any more, if it is here.
    package mutating func remove(_ id: UInt64) {
        if let removed = queue.remove(id) { byteCount -= removed.byteCount }
    }
}
