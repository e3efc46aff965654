// As much of swift-service-lifecycle as the articles use.

public protocol Service: Sendable {
    func run() async throws
}

public func cancelWhenGracefulShutdown<T: Sendable>(
    _ operation: @Sendable @escaping () async throws -> T
) async rethrows -> T {
    try await operation()
}
