extension RedisSession {
    package struct Settings: Sendable {
        package var login: RedisLogin
        /// Whether it is known that Redis is a cluster, and where commands belong.
        package var knowsCluster = false
        /// From the connection to its readiness.
        package var greetingTime = Duration.seconds(10)
        /// How long Redis may say nothing before it is asked, and then how long it may take to answer.
        package var pingInterval = Duration.seconds(15)
        package var pingTimeout = Duration.seconds(10)
        /// Of commands that were not answered yet, sent or not, with `RedisSession.commandBytes` for each: while Redis is
        /// away this much is kept. What is over it is dropped.
        package var unansweredBytes = 16 * 1024 * 1024
        package var replies = RESPLimits()
        package var backoff = ReconnectionBackoff(
            minimum: .milliseconds(100), maximum: .seconds(5), randomization: 0.5)

        package init(login: RedisLogin = RedisLogin()) {
            self.login = login
        }
    }
}

/// Why a command has no reply.
package enum RedisError: Error, Equatable, Sendable {
    /// Redis was lost after the command was sent: it may have been done.
    case connectionLost
    /// Too much waits for Redis already.
    case overloaded
    /// The connection was ended.
    case ended
    /// There was no reply in time: it may be done later.
    case timedOut
    /// Redis says no.
    case refused(RESPError)
}
