package import EngineIO
internal import Synchronization

/// An HTTP/1.1 server that is somebody else's, as simple as can be: it passes each request on, and what it is answered back.
///
/// It has sockets and threads that block, and nothing of this package but what is public.
package final class MountedHost: Sendable {
    /// How a request is answered; the body is to be read once at most.
    package typealias Answer = @Sendable (MountedRequest, HostedBody) async throws -> MountedResponse

    package let port: Int
    private let listener: ListeningDescriptor
    private let answer: Answer
    private let connections = Mutex<[ObjectIdentifier: HostedConnection]?>([:])

    /// Listens on a port of this machine, the system's choice if it is zero, and answers in the background.
    package init(port: Int = 0, _ answer: @escaping Answer) throws {
        listener = try ListeningDescriptor(port: port)
        self.port = listener.port
        self.answer = answer
        let listener = listener
        listener.acceptInBackground { [weak self] descriptor in
            guard let self else { return }
            self.serve(HostedConnection(descriptor))
        }
    }

    /// Ends the connections, and listens no longer.
    package func close() {
        listener.close()
        let open = connections.withLock { connections in
            defer { connections = nil }
            return connections ?? [:]
        }
        for connection in open.values { connection.end() }
    }

    private func serve(_ connection: HostedConnection) {
        let isOpen = connections.withLock { connections in
            connections?[ObjectIdentifier(connection)] = connection
            return connections != nil
        }
        guard isOpen else { return connection.end() }
        connection.readInBackground()
        Task {
            while await self.serveNext(on: connection) {}
            connection.end()
            connections.withLock { _ = $0?.removeValue(forKey: ObjectIdentifier(connection)) }
        }
    }

    /// Whether another request may follow.
    private func serveNext(on connection: HostedConnection) async -> Bool {
        guard let head = await connection.readHead() else { return false }
        let request = MountedRequest(
            method: head.method, target: head.target, headers: head.fields, remoteAddress: "127.0.0.1")
        let body = HostedBody(of: head.bodyByteCount, from: connection)
        let task = Task {
            let response = try await answer(request, body)
            return try await send(response, to: head.method, on: connection)
        }
        connection.whenClientLeaves { task.cancel() }
        let isKept = (try? await task.value) == true
        connection.whenClientLeaves(nil)
        return isKept && body.isRead && !head.closes
    }

    /// Whether the connection may be kept.
    private func send(_ response: MountedResponse, to method: String, on connection: HostedConnection) async throws
        -> Bool
    {
        let hasLength = response.headers.contains { $0.name.lowercased() == "content-length" }
        let isBodyless = method == "HEAD" || response.status == 204 || response.status == 304
        var head = "HTTP/1.1 \(response.status) \r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        switch response.content {
        case .upgrade(let upgraded):
            // What the client says before it leaves is still to be passed on.
            connection.whenClientLeaves(nil)
            try await connection.send(Array((head + "\r\n").utf8))
            try await upgraded.relay(connection) { try await connection.send($0) }
            return false
        case .body(let body):
            let isKept = hasLength || isBodyless
            if !isKept { head += "Connection: close\r\n" }
            try await connection.send(Array((head + "\r\n").utf8))
            for try await piece in body { try await connection.send(piece) }
            return isKept
        }
    }
}
