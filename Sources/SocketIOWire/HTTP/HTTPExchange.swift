/// What of a request decides the form of its response; all that a waiting poll has to keep.
package struct HTTPExchange: Equatable, Sendable {
    /// A response to HEAD has no body, but the length it would have (RFC 9110 9.3.2).
    package let omitsBody: Bool
    package let version: HTTPVersion
    /// Whether the connection is kept afterwards.
    package var keepsAlive: Bool

    package init(answering head: HTTPRequestHead) {
        omitsBody = head.method == .head
        version = head.version
        keepsAlive = head.keepsAlive
    }

    private init(omitsBody: Bool, version: HTTPVersion, keepsAlive: Bool) {
        self.omitsBody = omitsBody
        self.version = version
        self.keepsAlive = keepsAlive
    }

    /// For a request that could not be read.
    package static let unreadable = HTTPExchange(omitsBody: false, version: .http11, keepsAlive: false)
}
