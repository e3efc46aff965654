/// What the application sends while there is no connection: kept in order, up to a limit.
package struct OfflineBuffer<Element> {
    private var elements: [(element: Element, byteCount: Int)] = []
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

    package var count: Int { elements.count }

    /// Adds an element and returns what had to go for it, which may be the element itself.
    package mutating func append(_ element: Element, byteCount added: Int) -> [Element] {
        var dropped: [Element] = []
        while elements.count >= maxCount || byteCount > maxBytes - added {
            guard dropsOldest, let oldest = elements.first else { return dropped + [element] }
            elements.removeFirst()
            byteCount -= oldest.byteCount
            dropped.append(oldest.element)
        }
        elements.append((element, added))
        byteCount += added
        return dropped
    }

    /// All elements, oldest first.
    package mutating func takeAll() -> [Element] {
        defer {
            elements = []
            byteCount = 0
        }
        return elements.map(\.element)
    }

    /// Removes what is not wanted any more.
    package mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        elements.removeAll { entry in
            guard isUnwanted(entry.element) else { return false }
            byteCount -= entry.byteCount
            return true
        }
    }
}
