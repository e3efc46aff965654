extension EventLoop {
    /// Runs `body` on the loop's thread and returns what it returns. Any task.
    package func call<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post(Call(body: body, continuation: continuation))
        }
    }
}

private struct Call<Result: Sendable>: LoopMessage {
    let body: @Sendable (EventLoop) -> Result
    let continuation: CheckedContinuation<Result, Never>

    func deliver(on loop: EventLoop) {
        continuation.resume(returning: body(loop))
    }
}
