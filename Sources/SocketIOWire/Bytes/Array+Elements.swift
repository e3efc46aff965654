extension Array where Element: AnyObject {
    /// Calls `body` with the element at `index`, which the array holds meanwhile: no reference to it is counted.
    ///
    /// What is taken from an array is retained before a call and released after it: two atomic operations, which can take
    /// longer than the call.
    @inline(always)
    package func withElement<Result>(at index: Int, _ body: (Element) -> Result) -> Result {
        withExtendedLifetime(self) {
            // SAFETY: this very array, whose elements nothing replaces, lives until `body` has returned: a change of the
            // variable that it is in makes another one.
            unsafe Unmanaged.passUnretained(self[index])._withUnsafeGuaranteedRef { body($0) }
        }
    }
}
