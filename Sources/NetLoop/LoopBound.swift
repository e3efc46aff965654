/// A reference that any thread may hold and only one loop's thread may follow.
///
/// `@unchecked Sendable`: `value` checks the thread.
package struct LoopBound<Value: AnyObject>: @unchecked Sendable {
    package let loop: EventLoop
    private let reference: Value

    package init(_ reference: Value, on loop: EventLoop) {
        self.loop = loop
        self.reference = reference
    }

    /// The object; the caller is on the loop's thread.
    @inline(__always)
    package var value: Value {
        precondition(loop.isCurrent, "touched away from its event loop")
        return reference
    }

    /// The object, where the caller is on the loop's thread.
    @inline(__always)
    package var valueIfCurrent: Value? {
        loop.isCurrent ? reference : nil
    }
}
