/// An event that came to a client.
public struct Arrival: Sendable, Equatable, CustomStringConvertible {
    /// What the event is called.
    public let name: String
    /// What came with it.
    public let arguments: EventArguments

    /// Characters of one event in a list, and events in it.
    private static let maxLength = 200
    private static let maxCount = 20

    init(name: String, _ values: [JSONValue]) {
        self.name = name
        arguments = EventArguments(values)
    }

    /// Names are compared by their bytes.
    func isNamed(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }

    /// Its name and its arguments as JSON.
    public var description: String { "\"\(name)\" \(JSONValue.array(arguments.values))" }

    /// The events for a reader, without the end of what is long.
    static func list(_ arrivals: [Arrival]) -> String {
        var words = arrivals.prefix(maxCount).map { arrival in
            let description = arrival.description
            return description.count > maxLength ? description.prefix(maxLength) + "…" : description
        }
        if arrivals.count > maxCount { words.append("and \(arrivals.count - maxCount) more") }
        return words.joined(separator: ", ")
    }
}
