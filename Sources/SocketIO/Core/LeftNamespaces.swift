/// Namespaces of a session that this side has disconnected, as the client may not know yet.
struct LeftNamespaces {
    /// When each was left, counted.
    private var numbers: [[UInt8]: Int] = [:]
    private var lastNumber = 0

    var isEmpty: Bool { numbers.isEmpty }

    /// Adds a namespace. Of twice `limit` those that were left first are forgotten: their clients have heard of it.
    mutating func insert(_ name: [UInt8], limit: Int) {
        lastNumber += 1
        numbers[name] = lastNumber
        guard numbers.count / 2 >= limit else { return }
        numbers = numbers.filter { $0.value > lastNumber - limit }
    }

    mutating func remove(_ name: Span<UInt8>) {
        if !isEmpty { numbers[Array(name)] = nil }
    }

    func contains(_ name: Span<UInt8>) -> Bool {
        !isEmpty && numbers[Array(name)] != nil
    }
}
