internal import Synchronization
internal import TestSupport

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A client's connection to a `MountedHost`, and what it has sent and nobody has read.
package final class HostedConnection: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var hasEnded = false
        var reader: CheckedContinuation<[UInt8]?, Never>?
        /// Who reads from the socket, where that is too much.
        var pausedReading: Gate?
        var clientLeft: (@Sendable () -> Void)?
    }

    private static let limit = 256 * 1024
    private let socket: HostedSocket
    private let state = Mutex(State())

    init(_ descriptor: CInt) {
        socket = HostedSocket(descriptor)
    }

    func readInBackground() {
        Task {
            while let piece = await socket.receive() { await take(piece) }
            end()
        }
    }

    private func take(_ piece: [UInt8]) async {
        let (reader, gate) = state.withLock { state -> (CheckedContinuation<[UInt8]?, Never>?, Gate?) in
            if let reader = state.reader {
                state.reader = nil
                return (reader, nil)
            }
            state.pieces.append(piece)
            guard state.pieces.reduce(0, { $0 + $1.count }) > Self.limit, !state.hasEnded else { return (nil, nil) }
            state.pausedReading = Gate()
            return (nil, state.pausedReading)
        }
        reader?.resume(returning: piece)
        await gate?.wait()
    }

    /// Calls `body` when the client has closed its side, at once if it has.
    func whenClientLeaves(_ body: (@Sendable () -> Void)?) {
        let hasEnded = state.withLock { state in
            state.clientLeft = body
            return state.hasEnded
        }
        if hasEnded { body?() }
    }

    /// The next bytes; nil at the end, and when the task is cancelled.
    func read() async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (next, gate, waits) = state.withLock { state -> ([UInt8]?, Gate?, Bool) in
                    guard state.pieces.isEmpty else {
                        let next = state.pieces.removeFirst()
                        return (next, state.pieces.isEmpty ? state.pausedReading.take() : nil, false)
                    }
                    guard !state.hasEnded, !Task.isCancelled else { return (nil, nil, false) }
                    state.reader = continuation
                    return (nil, nil, true)
                }
                gate?.open()
                if !waits { continuation.resume(returning: next) }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume(returning: nil)
        }
    }

    func putBack(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        state.withLock { $0.pieces.insert(bytes, at: 0) }
    }

    /// Returns when the system has taken all of it.
    func send(_ bytes: [UInt8]) async throws {
        try await socket.send(bytes)
    }

    /// Ends the connection, both ways.
    func end() {
        let (reader, gate, clientLeft) = state.withLock { state in
            state.hasEnded = true
            defer { (state.reader, state.pausedReading, state.clientLeft) = (nil, nil, nil) }
            return (state.reader, state.pausedReading, state.clientLeft)
        }
        reader?.resume(returning: nil)
        gate?.open()
        clientLeft?()
        socket.shutDown()
    }
}

/// What the client sends, as a sequence.
extension HostedConnection: AsyncSequence {
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let connection: HostedConnection

        package func next() async -> [UInt8]? { await connection.read() }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: self) }
}
