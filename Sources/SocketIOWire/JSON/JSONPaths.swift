/// The ways to the values of a document.
///
/// What holds each value is found for all of them at once, when the first way is asked for. A type that is tried as one
/// thing and then as another fails at each element of an array: to count the elements in front of each, every time,
/// would take quadratic time, and to keep the way while decoding would cost the messages that are as they should be.
struct JSONPaths {
    private struct Place {
        let container: UInt32
        /// Among the values of its container.
        let index: UInt32
    }

    /// By node; those of keys and of the root mean nothing.
    private var places: [Place]
    /// The latest way, from the outside to the inside. Ways that follow share most of it, and names may be long.
    private var latest: [(node: Int, key: JSONKey)] = []

    init(_ nodes: JSONNodes) {
        places = Array(repeating: Place(container: 0, index: 0), count: nodes.count)
        for container in 0..<nodes.count {
            // In an object, a key stands before each value.
            let keys: Int
            switch nodes[container].kind {
            case .null, .true, .false, .number, .string: continue
            case .array: keys = 0
            case .object: keys = 1
            }
            var (child, index) = (container &+ 1 &+ keys, UInt32(0))
            let end = Int(nodes[container].next)
            while child < end {
                places[child] = Place(container: UInt32(truncatingIfNeeded: container), index: index)
                child = Int(nodes[child].next) &+ keys
                index &+= 1
            }
        }
    }

    /// The keys and indices that lead to the value at `node`.
    ///
    /// - Parameter name: The key of the member whose value a node is; nil for the values of arrays.
    mutating func path(to node: Int, name: (_ value: Int, _ container: Int) -> String?) -> [any CodingKey] {
        var way: [Int] = []
        var value = node
        while value > JSONDocument.root {
            way.append(value)
            value = Int(places[value].container)
        }
        way.reverse()
        let known = zip(way, latest).prefix { $0 == $1.node }.count
        latest.removeSubrange(known...)
        for value in way[known...] {
            let place = places[value]
            let key = name(value, Int(place.container)).map(JSONKey.name) ?? .index(Int(place.index))
            latest.append((value, key))
        }
        return latest.map(\.key)
    }
}
