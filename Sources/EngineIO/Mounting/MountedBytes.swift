internal import NetLoop

/// Bytes for a client of another HTTP server, in order: a body, or what goes over a WebSocket. Any task may read them.
///
/// Who does not read has the server wait, which holds at most 64 KiB of them and what the system's buffer takes; a body that is
/// read too slowly is cut off as for any client (`limits.minimumSendRate`), and so is a WebSocket (`limits.bufferedBytes`). Who
/// gives them up, by letting go of the response, ends its request.
public struct MountedBytes: Sendable, AsyncSequence {
    enum Source: Sendable {
        case given([UInt8])
        case arriving(MountedLink)
    }

    let source: Source

    init(_ source: Source) {
        self.source = source
    }

    /// Their pieces, not empty, in whatever sizes they come.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: Source

        /// The next piece; nil after the last.
        ///
        /// - Throws: `CancellationError` if the rest will not come, so that the connection to the client has to be ended for it to
        ///   see that; and if the task that waits is cancelled, which ends the request.
        public mutating func next() async throws(CancellationError) -> [UInt8]? {
            switch source {
            case .given(let bytes):
                source = .given([])
                return bytes.isEmpty ? nil : bytes
            case .arriving(let link):
                do throws(CancellationError) {
                    return try await ArrivingBody.next(of: link.output)
                } catch {
                    link.abort()
                    throw error
                }
            }
        }
    }

    /// Reads the bytes. Of several that read, each piece goes to one.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source)
    }
}
