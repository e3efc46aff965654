internal import NetLoop

/// A connection of another HTTP server that carries a WebSocket of this one: a pair of byte streams.
///
/// Who lets go of it ends the WebSocket.
public struct MountedConnection: Sendable {
    /// What is to be sent to the client as it is. After its end the connection is to be closed.
    public let output: MountedBytes
    private let link: MountedLink

    init(output: MountedBytes, _ link: MountedLink) {
        self.output = output
        self.link = link
    }

    /// Takes what the client has sent, as it came, from the first byte behind the request on.
    ///
    /// In the order of the calls. It returns once there is room for more.
    ///
    /// - Throws: `CancellationError` if the WebSocket is over, and if the task that waits is cancelled, which ends it.
    public func receive(_ bytes: [UInt8]) async throws(CancellationError) {
        guard await link.send(bytes) else { throw CancellationError() }
    }

    /// The client sends nothing more: the WebSocket is over once all is read that came before.
    public func receiveEnd() {
        link.tell(.finish)
    }

    /// Passes on both ways until the WebSocket is over.
    ///
    /// After it the connection is to be closed, whether it returns or throws. A task that is cancelled ends the WebSocket.
    ///
    /// - Parameters:
    ///   - input: What the client sends; its end is the client's. It has to end when the task that reads it is cancelled, as
    ///     those of SwiftNIO do.
    ///   - send: Sends bytes to the client, and returns once there is room for more.
    /// - Throws: What `input` and `send` throw; `CancellationError` if the task is cancelled.
    public func relay<Input: AsyncSequence & Sendable>(
        _ input: Input, to send: @Sendable ([UInt8]) async throws -> Void
    ) async throws where Input.Element == [UInt8] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await take(input) }
            do {
                for try await bytes in output { try await send(bytes) }
            } catch {
                link.abort()
                group.cancelAll()
                // Where the output broke off because of the input, that is what went wrong.
                if error is CancellationError { try await group.waitForAll() }
                throw error
            }
            group.cancelAll()
        }
    }

    private func take<Input: AsyncSequence & Sendable>(_ input: Input) async throws where Input.Element == [UInt8] {
        do {
            for try await bytes in input { try await receive(bytes) }
            receiveEnd()
        } catch {
            link.abort()
            throw error
        }
    }
}
