/// What is registered, by the segments of its paths: one look-up for each segment of a path, however many others there are.
///
/// Where names and parameters stand side by side, the more exact way is looked along first, and the other if that one leads
/// nowhere: the application's routes bound how many ways there are.
struct RouteTree: Sendable {
    /// What is registered for one pattern.
    struct Place: Sendable {
        var routes: [Route] = []
        /// Of a pattern that ends with a rest: where that is looked for.
        var folders: [Folder] = []
        /// What is spoken with who asks for a WebSocket.
        var webSocket: WebSocketRoute?
        /// Whether it is the name of a folder without the slash.
        var isFolderName = false
    }

    struct Folder: Sendable {
        let files: StaticFolder
        let cors: CORSPolicy?
    }

    /// A place whose pattern a path matches.
    struct Found {
        let place: Place
        /// Where the rest begins in the path, if the pattern ends with one.
        let rest: Int?
    }

    private struct Node: Sendable {
        /// Keyed by slices, so that a path's segment needs no copy to be looked up. Told apart by bytes: what is equal for a
        /// reader may be another path.
        var names: [ArraySlice<UInt8>: Int] = [:]
        var parameter: Int?
        var place: Place?
        var rest: Place?
    }

    private var nodes = [Node()]

    /// Changes what is registered for `pattern`.
    mutating func change<Result>(_ pattern: RoutePattern, _ body: (inout Place) -> Result) -> Result {
        var node = 0
        for segment in pattern.segments { node = child(of: node, segment) }
        return pattern.rest == nil ? Self.change(&nodes[node].place, body) : Self.change(&nodes[node].rest, body)
    }

    private static func change<Result>(_ place: inout Place?, _ body: (inout Place) -> Result) -> Result {
        var changed = place.take() ?? Place()
        defer { place = changed }
        return body(&changed)
    }

    private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
        switch segment {
        case .name(let name):
            if let child = nodes[node].names[name[...]] { return child }
            nodes[node].names[name[...]] = nodes.count
        case .parameter:
            if let child = nodes[node].parameter { return child }
            nodes[node].parameter = nodes.count
        }
        nodes.append(Node())
        return nodes.count - 1
    }

    /// What `body` makes of the first place for `path` of which it makes anything: at each segment names before parameters,
    /// and these before rests.
    ///
    /// - Parameter path: Percent-decoded but for `%2F`.
    func firstPlace<Result>(at path: [UInt8], _ body: (Found) -> Result?) -> Result? {
        path.first == UInt8(ascii: "/") ? first(path, from: 1, below: 0, body) : nil
    }

    /// - Parameter start: Where the next segment begins; nil behind the last one.
    private func first<Result>(
        _ path: [UInt8], from start: Int?, below index: Int, _ body: (Found) -> Result?
    ) -> Result? {
        let node = nodes[index]
        guard let start else { return node.place.flatMap { body(Found(place: $0, rest: nil)) } }
        let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        let next = end < path.endIndex ? end + 1 : nil
        if let child = node.names[path[start..<end]], let result = first(path, from: next, below: child, body) {
            return result
        }
        if end > start, let child = node.parameter, let result = first(path, from: next, below: child, body) {
            return result
        }
        return node.rest.flatMap { body(Found(place: $0, rest: start)) }
    }
}
