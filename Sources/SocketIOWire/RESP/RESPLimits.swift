/// What one value from Redis may hold at most. What is over a limit ends the connection.
package struct RESPLimits: Sendable {
    /// How deep arrays, sets and maps nest. What our commands are answered with nests five deep at most.
    package var depth = 16
    /// Of a simple string, an error or a number.
    package var lineBytes = 64 * 1024
    /// Values of one reply, those of arrays and maps included.
    package var values = 1_000_000
    /// Of one reply in all, with `valueBytes` for each value.
    package var bytes = 256 * 1024 * 1024

    /// What a value holds in memory beside its text.
    static let valueBytes = 64

    package init() {}
}
