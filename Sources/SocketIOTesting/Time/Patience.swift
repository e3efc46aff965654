/// Waits for `operation` in real time, and cancels it when `patience` is over.
///
/// - Parameter failure: Says what did not happen.
func wait<Value: Sendable>(
    _ patience: Duration, for operation: @escaping @Sendable () async throws -> Value,
    otherwise failure: () -> TestFailure
) async throws -> Value {
    let value = try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: patience)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
    guard let value else { throw failure() }
    return value
}
