/// What a request asks for (RFC 9110 9). Case matters.
package enum HTTPMethod: Hashable, Sendable {
    case get
    case head
    case post
    case put
    case delete
    case options
    case patch
    /// Any other token.
    case other(String)

    /// The longest method that is read.
    static let maxBytes = 32

    /// Whether `text` is one that is read.
    package static func isName(_ text: String) -> Bool {
        (1...maxBytes).contains(text.utf8.count) && text.utf8.allSatisfy(\.isTokenByte)
    }

    init(token: Span<UInt8>) {
        if token.equals("GET") {
            self = .get
        } else if token.equals("POST") {
            self = .post
        } else if token.equals("OPTIONS") {
            self = .options
        } else if token.equals("HEAD") {
            self = .head
        } else if token.equals("PUT") {
            self = .put
        } else if token.equals("DELETE") {
            self = .delete
        } else if token.equals("PATCH") {
            self = .patch
        } else {
            self = .other(String(repairing: token))
        }
    }

    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .other(let name): name
        }
    }
}
