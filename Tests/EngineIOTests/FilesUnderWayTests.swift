import Dispatch
import Foundation
import NetLoop
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import EngineIO

/// What files may hold while they are sent.
@Suite struct FilesUnderWayTests {
    private static let fileBytes = 30_000_000

    /// A server with a large file, which takes no room on the disk, at `/files/large.bin`.
    private static func withLargeFile(
        _ configure: @escaping (inout EngineIOServer.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "large.bin")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(fileBytes))
        try handle.close()
        let path = folder.path()
        try await withServer(configure) { server throws in
            server.engine.http.folder("/files", at: path)
            try body(server)
        }
    }

    @Test func `clients that read nothing of what they ask for hold a piece each`() async throws {
        try await Self.withLargeFile { server throws in
            let clients = try (0..<30).map { _ in try server.client(receiveBuffer: 4096) }
            for client in clients { try client.sendRequest("GET", "/files/large.bin") }
            for client in clients { _ = try client.receive(through: "\r\n\r\n") }
            let held = try server.held()
            #expect(held.count == 30)
            #expect(held.allSatisfy { $0 <= 128 * 1024 })
            let last = try #require(clients.last)
            #expect(try last.receive(Self.fileBytes).count == Self.fileBytes)
            for client in clients { client.abort() }
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `clients that break off in the middle of a file harm nobody`() async throws {
        try await Self.withLargeFile { server throws in
            for round in 0..<40 {
                let client = try server.client(receiveBuffer: round % 2 == 0 ? 4096 : nil)
                try client.sendRequest("GET", "/files/large.bin")
                _ = try client.receive(1 + round * 50_000)
                client.abort()
            }
            try server.expectUnharmed()
        }
    }

    @Test func `over the limit of files under way a file is refused, and there is one line in the log`() async throws {
        try await Self.withLargeFile {
            $0.limits.filesUnderWay = 2
        } _: { server throws in
            let clients = try (0..<2).map { _ in try server.client(receiveBuffer: 4096) }
            for client in clients {
                try client.sendRequest("GET", "/files/large.bin")
                _ = try client.receive(through: "\r\n\r\n")
            }
            let other = try server.client()
            for _ in 0..<3 { #expect(try other.get("/files/large.bin").status == 503) }
            #expect(server.log.lines.filter { $0.contains("limits.filesUnderWay") }.count == 1)
            // The connection goes on, and so do the files that are under way.
            #expect(try clients[0].receive(Self.fileBytes).count == Self.fileBytes)
            #expect(try other.get("/files/large.bin").body.count == Self.fileBytes)
            clients[1].abort()
            try server.expectCensus(sessions: 0, connections: 2)
            for _ in 0..<4 { #expect(try other.get("/files/large.bin", [("Range", "bytes=5-6")]).status == 206) }
        }
    }

    @Test func `what needs no bytes of a file opens none`() async throws {
        try await Self.withLargeFile {
            $0.limits.filesUnderWay = 0
        } _: { server throws in
            let client = try server.client()
            #expect(try client.get("/files/large.bin").status == 503)
            try client.sendRequest("HEAD", "/files/large.bin")
            let head = try client.response(toHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "\(Self.fileBytes)")
            let tag = try #require(head["etag"])
            #expect(try client.get("/files/large.bin", [("If-None-Match", tag)]).status == 304)
            #expect(try client.get("/files/large.bin", [("Range", "bytes=30000000-")]).status == 416)
        }
    }

    @Test func `a server without descriptors says so, and a file that went away is not there`() {
        let exhausted = FileRefusal(SystemError(code: EMFILE, "open"))
        #expect(exhausted.status == 503)
        #expect(exhausted.cause?.contains("ulimit") == true)
        let gone = FileRefusal(SystemError(code: ENOENT, "open"))
        #expect(gone.status == 404)
        #expect(gone.cause == nil)
    }

    @Test func `a file that changes between two looks at it is not sent in the other's name`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "changing-\(UUID().uuidString)").path()
        try Data("one".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(HTTPFile(path))
        try Data("another".utf8).write(to: URL(filePath: path))
        try await withServer { server throws in
            server.engine.http.get("/file") { _ in HTTPResponse(content: .file(file, 0..<3)) }
            #expect(try server.get("/file").status == 503)
        }
    }
}

extension TestServer {
    /// Bytes that wait for the client, of each connection.
    fileprivate func held() throws -> [Int] {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<[Int]>([])
        startOffPool {
            let held = await engine.onEachShard { $0.loop.tcpConnections.map(\.bufferedByteCount) }
            result.withLock { $0 = held.flatMap { $0 } }
            done.signal()
        }
        _ = done.wait(timeout: .now() + 30)
        return result.withLock { $0 }
    }
}
