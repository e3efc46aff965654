/// `value` as the type that it has, where generic code has found out which one that is.
///
/// Stands for `value as! Target`, which the runtime does not know to be a copy.
@inline(__always)
package func exactCast<Value, Target>(_ value: Value, to target: Target.Type) -> Target {
    precondition(Value.self == Target.self)
    // SAFETY: the two are the same type, as was just checked.
    return unsafe unsafeBitCast(value, to: target)
}
