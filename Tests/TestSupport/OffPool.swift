#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Runs `body`, which may block, on a thread of its own: the threads of the cooperative pool are few, and other tests
/// need them.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        startThread { continuation.resume(with: Result { try body() }) }
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

private func startThread(_ run: @escaping @Sendable () -> Void) {
    // SAFETY: the body is retained here and released by the thread, which is its only user.
    let body = unsafe Unmanaged.passRetained(ThreadBody(run)).toOpaque()
    #if canImport(Glibc)
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body)
        precondition(result == 0, "no thread")
        pthread_detach(thread)
    #else
        var thread: pthread_t?
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body)
        precondition(result == 0, "no thread")
        unsafe pthread_detach(thread!)
    #endif
}
