/// The members of a JSON object, in the order they were written.
///
/// Where a text has a key twice, the last value counts and stands in the first one's place, as with `JSON.parse`.
/// Two objects are equal if they have the same members, in any order.
///
/// ```swift
/// var user: JSONObject = ["name": "Ada", "admin": true]
/// user["age"] = 36
/// user["admin"] = nil
/// ```
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    /// Where each key stands, once there are so many that looking for one among all would take quadratic time.
    private var places: [String: Int] = [:]

    private static let countWithoutPlaces = 16

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
        places.isEmpty ? members.firstIndex { $0.key == key } : places[key]
    }

    private mutating func append(_ value: JSONValue, for key: String) -> Int {
        members.append((key, value))
        if !places.isEmpty {
            places[key] = members.count - 1
        } else if members.count > Self.countWithoutPlaces {
            rememberPlaces()
        }
        return members.count - 1
    }

    private mutating func remove(_ key: String) {
        guard let place = place(of: key) else { return }
        members.remove(at: place)
        places.removeAll()
        if members.count > Self.countWithoutPlaces { rememberPlaces() }
    }

    private mutating func rememberPlaces() {
        for (place, member) in members.enumerated() { places[member.key] = place }
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
            one.combine(member.key)
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
