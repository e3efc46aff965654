internal import Synchronization

/// The head of a request, read without care: clients of tests send what is right.
struct HostedHead {
    let method: String
    let target: String
    let fields: [(name: String, value: String)]

    init?(_ text: Substring) {
        var lines = text.split(separator: "\r\n")[...]
        let words = lines.popFirst()?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        method = String(words[0])
        target = String(words[1])
        fields = lines.map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " }))
        }
    }

    private func value(of name: String) -> String? {
        fields.first { $0.name.lowercased() == name }?.value
    }

    var bodyByteCount: Int { value(of: "content-length").flatMap { Int($0) } ?? 0 }
    var closes: Bool { value(of: "connection")?.lowercased() == "close" }
}

extension HostedConnection {
    /// The head of the next request; nil if there is none.
    func readHead() async -> HostedHead? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let found = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) {
                putBack(Array(bytes[(found + end.count)...]))
                return HostedHead(String(decoding: bytes[..<found], as: UTF8.self)[...])
            }
            guard let piece = await read() else { return nil }
            bytes += piece
        }
    }
}

/// The body of a request on its way through a `MountedHost`.
package final class HostedBody: AsyncSequence, Sendable {
    package struct ClientLeft: Error {}

    private let connection: HostedConnection
    private let missing: Mutex<Int>

    init(of byteCount: Int, from connection: HostedConnection) {
        missing = Mutex(byteCount)
        self.connection = connection
    }

    var isRead: Bool { missing.withLock { $0 == 0 } }

    /// All of it.
    package func collect() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self { bytes += piece }
        return bytes
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: HostedBody

        package func next() async throws -> [UInt8]? { try await body.next() }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

    private func next() async throws -> [UInt8]? {
        let wanted = missing.withLock { $0 }
        guard wanted > 0 else { return nil }
        guard let piece = await connection.read() else { throw ClientLeft() }
        connection.putBack(Array(piece.dropFirst(wanted)))
        let taken = Array(piece.prefix(wanted))
        missing.withLock { $0 -= taken.count }
        return taken
    }
}
