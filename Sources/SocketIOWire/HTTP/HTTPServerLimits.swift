/// What the connections of a server may hold and take (Protocol.md 6): one object, because every connection has a copy.
package final class HTTPServerLimits: Sendable {
    package let message: HTTPLimits
    /// For a request's head, from the accept or its first byte.
    package let headTime: Duration
    /// For a request's body.
    package let bodyTime: Duration
    /// Between requests, and for a client that takes nothing of a response.
    package let keepAliveTime: Duration
    /// Unsent bytes over which no further request is begun: what a client that asks and never reads can make the server
    /// hold.
    package let unsentBytes: Int
    /// Bytes pipelined behind an open request over which the connection is not read any more.
    package let pipelinedBytes: Int

    package init(
        message: HTTPLimits, headTime: Duration, bodyTime: Duration, keepAliveTime: Duration, unsentBytes: Int,
        pipelinedBytes: Int = 64 * 1024
    ) {
        self.message = message
        self.headTime = headTime
        self.bodyTime = bodyTime
        self.keepAliveTime = keepAliveTime
        self.unsentBytes = unsentBytes
        self.pipelinedBytes = pipelinedBytes
    }
}
