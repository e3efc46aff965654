/// The members of a JSON object, in the order they were written.
///
/// Where a text has a key twice, the last value counts and stands in the first one's place, as with `JSON.parse`.
/// Two objects are equal if they have the same members, in any order. Keys are compared by their bytes, as in JavaScript: a
/// composed letter and its parts are two keys.
///
/// ```swift
/// var user: JSONObject = ["name": "Ada", "admin": true]
/// user["age"] = 36
/// user["admin"] = nil
/// ```
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    // Once there are so many that looking for one among all would take quadratic time:
    /// The number of each member, which stays when others go; in order, as the members are.
    private var numbers: [Int] = []
    /// The same by key.
    private var numbersByKey: [ByteName: Int] = [:]

    private static let countWithoutNumbers = 16

    /// An object without members.
    public init() {}

    /// The keys, in order.
    public var keys: [String] { members.map(\.key) }

    /// The value for `key`; nil if there is none, and setting nil removes the member.
    public subscript(key: String) -> JSONValue? {
        get {
            place(of: key).map { members[$0].value }
        }
        set {
            guard let newValue else { return remove(key) }
            if let place = place(of: key) {
                members[place].value = newValue
            } else {
                _ = append(newValue, for: key)
            }
        }
    }

    /// The value for `key`, made `.null` if there is none, to be changed in place.
    subscript(orNull key: String) -> JSONValue {
        get { self[key] ?? .null }
        _modify {
            let place = place(of: key) ?? append(.null, for: key)
            yield &members[place].value
        }
    }

    private func place(of key: String) -> Int? {
        guard !numbers.isEmpty else {
            // Most keys differ, which `==` finds out fastest; it takes some for equal that are not.
            return members.firstIndex { $0.key == key && $0.key.hasSameBytes(as: key) }
        }
        return numbersByKey[ByteName(key)].map(place(of:))
    }

    private func place(of number: Int) -> Int {
        var (low, high) = (0, numbers.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func append(_ value: JSONValue, for key: String) -> Int {
        members.append((key, value))
        if let last = numbers.last {
            numbers.append(last + 1)
            numbersByKey[ByteName(key)] = last + 1
        } else if members.count > Self.countWithoutNumbers {
            for (number, member) in members.enumerated() { numbersByKey[ByteName(member.key)] = number }
            numbers = Array(members.indices)
        }
        return members.count - 1
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        members.remove(at: place)
        guard !numbers.isEmpty else { return }
        numbers.remove(at: place)
        numbersByKey[ByteName(key)] = nil
        if numbers.isEmpty { numbersByKey = [:] }
    }
}

extension JSONObject: RandomAccessCollection {
    /// The offset of the first member.
    public var startIndex: Int { 0 }

    /// The offset after the last member.
    public var endIndex: Int { members.count }

    /// The member at `position`.
    public subscript(position: Int) -> (key: String, value: JSONValue) {
        members[position]
    }
}

extension JSONObject: Hashable {
    /// Whether both have the same members, in any order.
    public static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    /// Feeds the members into `hasher`, in a way that does not depend on their order.
    public func hash(into hasher: inout Hasher) {
        var combined = 0
        for member in members {
            var one = Hasher()
            one.combine(ByteName(member.key))
            one.combine(member.value)
            combined ^= one.finalize()
        }
        hasher.combine(combined)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The object with these members; of several for one key the last counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONObject: CustomStringConvertible {
    /// The object as JSON.
    public var description: String { JSONValue.object(self).description }
}
