/// A reference that any thread may hold and only one loop's thread may follow.
///
/// `@unchecked Sendable`: `value` checks the thread.
package struct LoopBound<Value: AnyObject>: @unchecked Sendable {
    package let loop: EventLoop
    private let unchecked: Value

    package init(_ reference: Value, on loop: EventLoop) {
        self.loop = loop
        unchecked = reference
    }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { loop.isCurrent }

    /// The object; the caller is on the loop's thread.
    @inline(__always)
    package var value: Value {
        precondition(loop.isCurrent, "touched away from its event loop")
        return unchecked
    }

    /// The object, where the caller is on the loop's thread.
    @inline(__always)
    package var valueIfCurrent: Value? {
        loop.isCurrent ? unchecked : nil
    }
}
