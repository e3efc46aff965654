/// What has come and gone since it was last told, each as it is now.
///
/// Who did both is told, too: somebody may have been shown the state in between, in the answer to a `join`. Whoever knows
/// it already ignores it.
struct Difference: Sendable {
    private(set) var added: Set<String> = []
    private(set) var removed: Set<String> = []

    mutating func add(_ name: String) {
        removed.remove(name)
        added.insert(name)
    }

    mutating func remove(_ name: String) {
        added.remove(name)
        removed.insert(name)
    }

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}

/// What has changed for others and is not told yet.
struct News: Sendable {
    var rooms = Difference()
    /// By room.
    private(set) var people: [Name: Difference] = [:]

    var isEmpty: Bool { rooms.isEmpty && people.isEmpty }

    /// Takes the room, not a name of it: whoever is in it knows it by its own spelling.
    mutating func came(_ person: Name, to room: ChatRoom) {
        change(room.name) { $0.add(person.shown) }
    }

    mutating func went(_ person: Name, from room: ChatRoom) {
        change(room.name) { $0.remove(person.shown) }
    }

    /// A room that nobody is in is no more: nobody is left to be told who went, and another may get its name.
    mutating func ended(_ room: Name) {
        people[room] = nil
        rooms.remove(room.shown)
    }

    private mutating func change(_ room: Name, _ change: (inout Difference) -> Void) {
        var difference = people[room] ?? Difference()
        change(&difference)
        people[room] = difference.isEmpty ? nil : difference
    }
}
