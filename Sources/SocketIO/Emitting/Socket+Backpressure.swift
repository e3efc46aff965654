internal import EngineIO
internal import SocketIOEvents

// How far the client is with what it is sent.

extension Socket {
    /// How many bytes wait for the client to take them, with what keeps them: over WebSocket what the kernel did not take, over
    /// polling what no poll has fetched. Any thread may ask.
    ///
    /// On the socket's event loop it is exact, without what has been emitted since the handler that runs there began;
    /// elsewhere it is up to an eighth less, and as old as the loop's turn. All namespaces of a connection share it. Zero once
    /// nothing waits.
    ///
    /// Over `limits.bufferedBytes` of the transports the client is given up: `DisconnectReason.slowConsumer`.
    public var bufferedBytes: Int { isReachable ? session.unsentByteCount : 0 }

    /// Whether a volatile event would be sent now: false while earlier ones wait, and over polling while no poll is open. Any
    /// thread may ask.
    ///
    /// On another thread than that of the socket's event loop it only says whether something waits.
    public var isWritable: Bool {
        guard isReachable else { return false }
        return isCurrent ? session.isWritable : session.unsentByteCount == 0
    }

    /// Returns once all that the caller has emitted to this socket so far is with the kernel, or over polling in the answer to a
    /// poll. What others emit meanwhile is not waited for.
    ///
    /// ```swift
    /// for page in pages {
    ///     socket.emit("page", page)
    ///     guard await socket.drained() else { return }
    /// }
    /// ```
    /// - Returns: False if the socket is gone, or the task is cancelled: at once, both.
    @discardableResult
    public func drained() async -> Bool {
        let id = RegistrationID.next()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform(.awaitDrain(continuation, id: id))
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { perform(.cancelDrain(id: id)) }
            }
        } onCancel: {
            // Behind the request, which may still be on its way from the thread that asked.
            post(.cancelDrain(id: id))
        }
    }
}
