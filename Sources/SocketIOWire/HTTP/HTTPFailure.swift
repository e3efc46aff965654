/// The peer broke HTTP or went over a limit: answer with `status`, then close the connection.
package struct HTTPFailure: Error, Equatable, Sendable {
    package let status: Int
    /// For the log; never sent to the peer.
    package let detail: StaticString

    package init(_ status: Int, _ detail: StaticString) {
        self.status = status
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.detail.description == right.detail.description
    }
}
