/// What a test waited for did not come; the description says what came instead.
public struct TestFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
