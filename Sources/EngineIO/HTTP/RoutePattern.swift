internal import SocketIOWire

/// The path of a route, by its segments: `/users/:id/files/*path`.
struct RoutePattern: Sendable, CustomStringConvertible {
    enum Segment: Sendable {
        /// Exactly these bytes.
        case name([UInt8])
        /// Any that is not empty, known by this name.
        case parameter(String)

        var isParameter: Bool {
            switch self {
            case .name: false
            case .parameter: true
            }
        }
    }

    let segments: [Segment]
    /// What the path beyond the segments is known by; nil if there is to be none.
    let rest: String?

    /// Why a path is none; it follows the path.
    struct Failure: Error, Equatable {
        let words: String
    }

    init(segments: [Segment], rest: String?) {
        self.segments = segments
        self.rest = rest
    }

    init(parsing path: String) throws(Failure) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].isEmpty else {
            throw Failure(words: "does not begin with a slash")
        }
        var segments: [Segment] = []
        var rest: String?
        var names: Set<ByteName> = []
        for part in parts.dropFirst() {
            guard rest == nil else { throw Failure(words: "goes on behind its `*`, which stands for all the rest") }
            let isParameter = part.first == UInt8(ascii: ":")
            guard isParameter || part.first == UInt8(ascii: "*") else {
                segments.append(.name(Array(part)))
                continue
            }
            let name = String(Substring(part.dropFirst()))
            guard !name.isEmpty else {
                throw Failure(
                    words: isParameter ? "has a `:` without a name" : "has a `*` without a name: write `*path`")
            }
            guard names.insert(ByteName(name)).inserted else { throw Failure(words: "has two parameters `\(name)`") }
            if isParameter { segments.append(.parameter(name)) } else { rest = name }
        }
        self.init(segments: segments, rest: rest)
    }

    /// As it is written.
    var description: String {
        let names = segments.map { segment in
            switch segment {
            case .name(let name): String(decoding: name, as: UTF8.self)
            case .parameter(let name): ":\(name)"
            }
        }
        return "/" + (names + (rest.map { ["*\($0)"] } ?? [])).joined(separator: "/")
    }

    /// The parameters in a path that matches.
    ///
    /// - Parameter path: As it was sent, so that a segment that holds `%2F` is one, and nothing is decoded twice.
    func parameters(in path: [UInt8]) -> PathParameters {
        var values: [(name: String, value: String)] = []
        var start = path.startIndex
        for segment in segments {
            start = min(start + 1, path.endIndex)
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
            if case .parameter(let name) = segment {
                values.append((name, PercentEncoding.decode(path.span.extracting(start..<end), plusIsSpace: false)))
            }
            start = end
        }
        if let rest {
            let bytes = path.span.extracting(min(start + 1, path.endIndex)..<path.endIndex)
            values.append((rest, PercentEncoding.decodePath(bytes)))
        }
        return PathParameters(values: values)
    }
}

/// What of a path stood where its route has parameters.
public struct PathParameters: Sendable {
    let values: [(name: String, value: String)]

    /// The value of a parameter of the route, percent-decoded once; nil if the route has none of that name.
    ///
    /// That of `:name` is not empty, and may hold a slash that was sent as `%2F`. That of `*name` is empty where the path
    /// ends with the slash in front of it; `%2F` stays in it, as in `HTTPRequest.path`.
    public subscript(name: String) -> String? {
        values.first { $0.name.hasSameBytes(as: name) }?.value
    }
}
