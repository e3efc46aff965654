/// What of a request decides the form of its response; all that a waiting poll has to keep.
package struct HTTPResponseForm: Equatable, Sendable {
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

    /// The length that a response may announce which would have `length`: not every client knows the chunked coding (RFC
    /// 9112 6.1), and without it the connection ends the body.
    mutating func fit(_ length: HTTPBodyLength) -> HTTPBodyLength {
        switch (length, version) {
        case (.none, _): return .fixed(0)
        case (.fixed, _), (.chunked, .http11): return length
        case (.chunked, .http10), (.untilClose, _):
            keepsAlive = false
            return .untilClose
        }
    }

    private init(omitsBody: Bool, version: HTTPVersion, keepsAlive: Bool) {
        self.omitsBody = omitsBody
        self.version = version
        self.keepsAlive = keepsAlive
    }

    /// For a request that could not be read.
    package static let unreadable = HTTPResponseForm(omitsBody: false, version: .http11, keepsAlive: false)
}
