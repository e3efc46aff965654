/// What a loop watches.
///
/// A class, because a reference to one is half as large as to any object of a protocol: the loop's table has one for
/// each connection.
package class Pollable {
    /// The loop's name for it.
    final var token: UInt64 = 0

    func becameReady(_ readiness: Readiness) {
        preconditionFailure("overridden")
    }

    package func close() {
        preconditionFailure("overridden")
    }
}
