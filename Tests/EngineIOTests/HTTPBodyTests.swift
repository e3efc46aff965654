import EngineIO
import Foundation
import NetLoop
import SocketIOWire
import Synchronization
import TestSupport
import Testing

/// Responses whose bodies are files or streams.
@Suite struct HTTPBodyTests {
    /// Makes numbered pieces, at once.
    private final class Pieces: HTTPBodyProducer, Sendable {
        let journal: Journal
        let piece: [UInt8]
        private let count: Int
        private let made = Mutex(0)

        var madeCount: Int { made.withLock { $0 } }

        init(_ count: Int, of bytes: Int, _ journal: Journal) {
            self.count = count
            self.journal = journal
            piece = Array(repeating: UInt8(ascii: "p"), count: bytes)
        }

        func produce(for stream: HTTPBodyStream) {
            let isLast = made.withLock { made in
                made += 1
                return made > count
            }
            if isLast { stream.end() } else { stream.send(piece) }
        }

        func clientLeft() {
            journal.append("left")
        }
    }

    /// Answers when it is told to, from another thread.
    private final class Later: HTTPBodyProducer, Sendable {
        let journal: Journal
        let stream = Mutex<LoopBound<HTTPBodyStream>?>(nil)

        init(_ journal: Journal) {
            self.journal = journal
        }

        func produce(for stream: HTTPBodyStream) {
            self.stream.withLock { $0 = LoopBound(stream, on: stream.loop) }
            journal.append("asked")
        }

        func clientLeft() {
            journal.append("left")
        }

        func then(_ body: @escaping @Sendable (HTTPBodyStream) -> Void) async {
            guard let stream = stream.withLock({ $0 }) else { return }
            await stream.loop.call { _ in body(stream.value) }
        }
    }

    private struct NoWholeResponse: Error {}

    /// The decoded body of the response in `bytes`, which is whole.
    private static func body(_ bytes: [UInt8], isEnded: Bool = false) throws -> [UInt8] {
        var parser = HTTPResponseParser(answering: .get, limits: HTTPLimits(bodyBytes: 100_000_000))
        var cursor = 0
        var body: [UInt8] = []
        while let event = try parser.next(bytes.span, from: &cursor) {
            switch event {
            case .head: break
            case .body(let range): body += bytes[range]
            case .end: return body
            }
        }
        if isEnded, case .end? = try parser.receiveEnd() { return body }
        throw NoWholeResponse()
    }

    @Test func `a stream is chunked, and the connection goes on behind it`() async throws {
        try await withServer { server throws in
            server.engine.http.get("/stream") { _ in
                HTTPResponse(content: .stream(Pieces(100, of: 1000, server.journal)))
            }
            let client = try server.client()
            for _ in 0..<2 {
                try client.send(RawClient.requestBytes("GET", "/stream") + RawClient.requestBytes("GET", "/none"))
                let bytes = try client.receive(through: "\r\n0\r\n\r\n")
                #expect(String(decoding: bytes.prefix(300), as: UTF8.self).contains("Transfer-Encoding: chunked\r\n"))
                #expect(try Self.body(bytes) == Array(repeating: UInt8(ascii: "p"), count: 100_000))
                #expect(try client.response().status == 404)
            }
            #expect(server.journal.rest == [])
        }
    }

    @Test func `a stream to a client of version 1.0 ends with the connection, and to HEAD there is none`() async throws
    {
        try await withServer { server throws in
            let pieces = Pieces(100, of: 1000, server.journal)
            server.engine.http.get("/stream") { _ in HTTPResponse(content: .stream(pieces)) }
            let head = try server.request("HEAD", "/stream")
            #expect(head["transfer-encoding"] == "chunked")
            #expect(pieces.madeCount == 0)
            let client = try server.client()
            try client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let bytes = try client.receiveToEnd()
            #expect(try Self.body(bytes, isEnded: true) == Array(repeating: UInt8(ascii: "p"), count: 100_000))
            #expect(!String(decoding: bytes.prefix(300), as: UTF8.self).contains("chunked"))
        }
    }

    @Test func `a stream is asked for no more than its client takes`() async throws {
        try await withServer { server throws in
            let pieces = Pieces(2000, of: 10_000, server.journal)
            server.engine.http.get("/stream") { _ in HTTPResponse(content: .stream(pieces)) }
            let client = try server.client(receiveBuffer: 8192)
            try client.sendRequest("GET", "/stream")
            _ = try client.receive(through: "\r\n\r\n")
            // Until the kernel's buffers are full the server is asked for more.
            var made = -1
            while made != pieces.madeCount {
                made = pieces.madeCount
                _ = try server.client().isSilent(for: .milliseconds(100))
            }
            #expect(made < 1500)
            let bytes = try client.receive(through: "\r\n0\r\n\r\n")
            #expect(bytes.count > 20_000_000)
            #expect(pieces.madeCount == 2001)
        }
    }

    @Test(arguments: [true, false])
    func `a client that leaves ends a stream, which is told once`(abort: Bool) async throws {
        try await withServer { server throws in
            let pieces = Pieces(.max, of: 10_000, server.journal)
            server.engine.http.get("/stream") { _ in HTTPResponse(content: .stream(pieces)) }
            let client = try server.client()
            try client.sendRequest("GET", "/stream")
            _ = try client.receive(100_000)
            if abort { client.abort() } else { client.close() }
            #expect(try server.journal.next() == "left")
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(server.journal.rest == [])
        }
    }

    @Test func `a stream that has nothing yet is told of a client that leaves, too`() async throws {
        try await withServer { server throws in
            let later = Later(server.journal)
            server.engine.http.get("/stream") { _ in HTTPResponse(content: .stream(later)) }
            let client = try server.client()
            try client.sendRequest("GET", "/stream")
            #expect(try server.journal.next() == "asked")
            client.finish()
            #expect(try server.journal.next() == "left")
            // It may still read: that is for the producer to know.
            startOffPool {
                await later.then { $0.send([UInt8(ascii: "x")]) }
                await later.then { $0.end() }
                await later.then { $0.send([UInt8(ascii: "y")]) }
            }
            #expect(try Self.body(try client.receiveToEnd()) == [UInt8(ascii: "x")])
            #expect(try server.journal.next() == "asked")
            #expect(server.journal.rest == [])
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a file goes out in pieces, whole to a slow reader`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "body-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = SeededGenerator(seed: 3)
        let content = random.bytes(5_000_001)
        try Data(content).write(to: folder.appending(path: "large.bin"))
        let path = folder.path()
        try await withServer { server throws in
            server.engine.http.folder("/files", at: path)
            let client = try server.client(receiveBuffer: 8192)
            for _ in 0..<2 {
                let response = try client.get("/files/large.bin")
                #expect(response["content-length"] == "5000001")
                #expect(response.body == content)
            }
            try client.sendRequest("GET", "/files/large.bin", [("Connection", "close")])
            client.finish()
            #expect(try client.response().body == content)
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func `a part of a file is sent, and a file that has become shorter ends the connection`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "part-\(UUID().uuidString)").path()
        try Data((0..<200).map { UInt8($0) }).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withServer { server throws in
            server.engine.http.get("/part") { _ in
                guard let file = HTTPFile(path) else { return .status(404) }
                return HTTPResponse(content: .file(file, 50..<150))
            }
            server.engine.http.get("/short") { _ in
                guard let file = HTTPFile(path) else { return .status(404) }
                return HTTPResponse(content: .file(file, 100..<300))
            }
            let client = try server.client()
            #expect(try client.get("/part").body == (50..<150).map { UInt8($0) })
            try client.sendRequest("GET", "/short")
            let bytes = try client.receiveToEnd()
            #expect(String(decoding: bytes, as: Unicode.ASCII.self).contains("Content-Length: 200"))
            #expect(throws: (any Error).self) { try Self.body(bytes, isEnded: true) }
        }
    }
}
