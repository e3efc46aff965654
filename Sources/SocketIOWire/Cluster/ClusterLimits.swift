/// What one message of another node may hold at most. What is over a limit is dropped, whole.
package struct ClusterLimits: Sendable {
    /// As it came.
    package var bytes = 32 * 1024 * 1024
    /// Values, keys, elements and members of all arrays and maps included: one in memory takes many times its bytes.
    package var values = 1_000_000
    /// How deep arrays and maps nest.
    package var depth = 64
    /// Rooms in one list.
    package var rooms = 10_000

    package init() {}
}
