/// What the connections of a server may hold and take (Protocol.md 6): one object, because every connection has a copy.
package final class HTTPServerLimits: Sendable {
    package let message: HTTPLimits
    /// For a request's head, from the accept or its first byte.
    package let headTime: Duration
    /// For a request's body.
    package let bodyTime: Duration
    /// Between requests.
    package let keepAliveTime: Duration
    /// After which it is looked at how much a client has taken of what waits for it.
    package let sendRateTime: Duration
    /// How much that has to be, if there was as much.
    package let sendRateBytes: Int
    /// Unsent bytes over which no further request is begun: what a client that asks and never reads can make the server
    /// hold.
    package let unsentBytes: Int
    /// Bytes pipelined behind an open request over which the connection is not read any more.
    package let pipelinedBytes: Int

    /// - Parameter minimumSendRate: Bytes in a second, on average over `sendRateTime`.
    package init(
        message: HTTPLimits, headTime: Duration, bodyTime: Duration, keepAliveTime: Duration,
        sendRateTime: Duration, minimumSendRate: Int, unsentBytes: Int, pipelinedBytes: Int = 64 * 1024
    ) {
        self.message = message
        self.headTime = headTime
        self.bodyTime = bodyTime
        self.keepAliveTime = keepAliveTime
        // A look at no time would be taken again and again.
        self.sendRateTime = max(sendRateTime, .milliseconds(1)).bounded
        let bytes = Double(max(minimumSendRate, 0)) * (self.sendRateTime / .seconds(1))
        sendRateBytes = Int(exactly: bytes.rounded(.up)) ?? .max
        self.unsentBytes = unsentBytes
        self.pipelinedBytes = pipelinedBytes
    }
}
