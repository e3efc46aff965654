// As much of swift-log as the articles use.

public struct Logger: Sendable {
    public enum Level: Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    public struct Message: Sendable, ExpressibleByStringInterpolation {
        public init(stringLiteral value: String) {}
    }

    public var logLevel = Level.info

    public init(label: String) {}

    public func log(level: Level, _ message: @autoclosure () -> Message) {}
}
