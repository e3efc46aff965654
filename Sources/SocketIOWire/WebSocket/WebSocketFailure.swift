/// The peer broke RFC 6455 or went over a limit: send `code` in a close frame, then drop the connection (7.1.7).
package struct WebSocketFailure: Error, Equatable, Sendable {
    package let code: WebSocketCloseCode
    /// For the log; never sent to the peer.
    package let detail: StaticString

    package init(_ code: WebSocketCloseCode, _ detail: StaticString) {
        self.code = code
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.code == right.code && left.detail.description == right.detail.description
    }
}

extension WebSocketFailure {
    static let notUTF8 = WebSocketFailure(.invalidPayload, "a text that is not UTF-8")
}
