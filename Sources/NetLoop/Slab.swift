/// Values by token; a token of a removed value never finds a later one.
struct Slab<Value> {
    private var values: [Value?] = []
    private var generations: [UInt32] = []
    private var free: [UInt32] = []

    var count: Int { values.count - free.count }

    var all: [Value] { values.compactMap { $0 } }

    mutating func insert(_ value: Value) -> UInt64 {
        if let index = free.popLast() {
            values[Int(index)] = value
            return token(index)
        }
        values.append(value)
        generations.append(0)
        return token(UInt32(values.count - 1))
    }

    mutating func remove(_ token: UInt64) {
        guard let index = index(of: token) else { return }
        values[index] = nil
        generations[index] = (generations[index] &+ 1) & 0x7FFF_FFFF
        free.append(UInt32(index))
    }

    subscript(token: UInt64) -> Value? {
        guard let index = index(of: token) else { return nil }
        return values[index]
    }

    private func token(_ index: UInt32) -> UInt64 {
        UInt64(generations[Int(index)]) << 32 | UInt64(index)
    }

    private func index(of token: UInt64) -> Int? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < values.count, UInt64(generations[index]) == token >> 32, values[index] != nil else { return nil }
        return index
    }
}
