/// How much may wait, and what goes for what is too much.
package struct BufferLimits: Equatable, Sendable {
    package let maxCount: Int
    package let maxBytes: Int
    let dropsOldest: Bool

    /// - Parameter dropsOldest: What goes at the limit: the oldest elements, or those that do not fit any more.
    package init(maxCount: Int, maxBytes: Int, dropsOldest: Bool) {
        self.maxCount = max(maxCount, 0)
        self.maxBytes = max(maxBytes, 0)
        self.dropsOldest = dropsOldest
    }

    /// Whether an element of so many bytes fits beside what is there.
    func fit(_ added: Int, besideCount count: Int, bytes: Int) -> Bool {
        count < maxCount && bytes <= maxBytes - added
    }
}

/// What the application sends while there is no connection: kept in order, up to a limit.
package struct OfflineBuffer<Element> {
    private var queue = DepartureQueue<(element: Element, byteCount: Int)>()
    private var byteCount = 0
    private let limits: BufferLimits

    package init(_ limits: BufferLimits) {
        self.limits = limits
    }

    package init(maxCount: Int, maxBytes: Int, dropsOldest: Bool) {
        self.init(BufferLimits(maxCount: maxCount, maxBytes: maxBytes, dropsOldest: dropsOldest))
    }

    package var count: Int { queue.count }

    /// Adds an element and returns what had to go for it, which may be the element itself.
    ///
    /// - Parameter id: What `remove` is to know it by.
    package mutating func append(_ element: Element, id: UInt64? = nil, byteCount added: Int) -> [Element] {
        var dropped: [Element] = []
        while !limits.fit(added, besideCount: queue.count, bytes: byteCount) {
            guard limits.dropsOldest, let oldest = queue.removeFirst() else { return dropped + [element] }
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
