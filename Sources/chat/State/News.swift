/// What has come and gone since it was last told: who did both is not in it.
struct Difference: Sendable {
    private(set) var added: Set<String> = []
    private(set) var removed: Set<String> = []

    mutating func add(_ name: String) {
        if removed.remove(name) == nil { added.insert(name) }
    }

    mutating func remove(_ name: String) {
        if added.remove(name) == nil { removed.insert(name) }
    }

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}

/// What has changed for others and is not told yet.
struct News: Sendable {
    var rooms = Difference()
    /// By room.
    private(set) var people: [Name: Difference] = [:]

    var isEmpty: Bool { rooms.isEmpty && people.isEmpty }

    mutating func came(_ person: Name, to room: Name) {
        change(room) { $0.add(person.shown) }
    }

    mutating func went(_ person: Name, from room: Name) {
        change(room) { $0.remove(person.shown) }
    }

    private mutating func change(_ room: Name, _ change: (inout Difference) -> Void) {
        var difference = people[room] ?? Difference()
        change(&difference)
        people[room] = difference.isEmpty ? nil : difference
    }
}
