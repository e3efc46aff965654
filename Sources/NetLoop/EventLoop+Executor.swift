/// A loop runs the tasks of its handlers.
extension EventLoop: SerialExecutor, TaskExecutor {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            add(job)
        } else {
            _ = act(on: mailbox.post(.job(job)))
        }
    }

    package func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// Starts `operation` at once on the loop's thread, where the caller is; it resumes there after each suspension.
    ///
    /// With `startTask` the one place of the libraries that makes a task. The operation is of the form that a task takes,
    /// because any other costs each start two closures around it; it has to catch its errors.
    package func start<Result: Sendable>(_ operation: sending @escaping @isolated(any) () async throws -> Result) {
        precondition(isCurrent)
        Task.immediate(executorPreference: self, operation: operation)
    }

    /// Starts `operation` like `start`, for whoever may have to cancel it: a method of its own, because most never do.
    package func startTask<Result: Sendable>(
        _ operation: sending @escaping @isolated(any) () async throws -> Result
    ) -> Task<Result, any Error> {
        precondition(isCurrent)
        return Task.immediate(executorPreference: self, operation: operation)
    }

    package func checkIsolated() {
        precondition(isCurrent, "this work belongs to another event loop")
    }
}
