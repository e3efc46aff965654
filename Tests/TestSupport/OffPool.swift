#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Runs `body`, which may block, on a thread of its own: the threads of the cooperative pool are few, and other tests
/// need them. The task stays the same, so that expectations know their test.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(ThreadPerJob()) { try await perform(body) }
}

/// Runs `body`, each part of which may block, with threads of its own for what it does not do elsewhere.
package func awayFromPool(_ body: () async throws -> Void) async throws {
    try await withTaskExecutorPreference(ThreadPerJob()) { try await body() }
}

/// Starts `body` with threads of its own for what it does not do elsewhere.
package func startOffPool(_ body: @escaping @Sendable () async -> Void) {
    Task.detached(executorPreference: ThreadPerJob(), operation: body)
}

@concurrent private func perform<Value: Sendable>(_ body: @Sendable () throws -> Value) async throws -> Value {
    try body()
}

private final class ThreadPerJob: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        startThread { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// Starts a thread that runs `body`.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
    #if canImport(Glibc)
        var thread = pthread_t()
    #else
        var thread: pthread_t?
    #endif
    // SAFETY: the reference passed is balanced by the new thread.
    let start = unsafe Unmanaged.passRetained(Start(body: body)).toOpaque()
    let code = unsafe pthread_create(
        &thread, nil,
        { argument in
            let argument: UnsafeMutableRawPointer? = unsafe argument
            unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, start)
    precondition(code == 0, "no thread")
    #if canImport(Glibc)
        pthread_detach(thread)
    #else
        unsafe pthread_detach(thread!)
    #endif
}
