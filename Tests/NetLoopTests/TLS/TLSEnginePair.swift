import SocketIOWire
import TestSupport
import Testing

@testable import NetLoop

/// The certificates of a test that runs only where they can be made.
func testCertificates() throws -> TestCertificates {
    try #require(TestCertificates.shared)
}

extension Trait where Self == ConditionTrait {
    /// Needs certificates.
    static var withCertificates: Self {
        .enabled("there is no `openssl` command to make certificates with") { TestCertificates.shared != nil }
    }
}

/// A client and a server in memory.
struct TLSEnginePair {
    let client: TLSEngine
    let server: TLSEngine
    /// In pieces of how many bytes ciphertext arrives.
    var pieceSize = Int.max

    init(client: TLSEngine, server: TLSEngine) {
        self.client = client
        self.server = server
    }

    /// - Parameters:
    ///   - identity: The server's certificate and key.
    ///   - host: Whom the client means.
    init(
        identity: String = "good", host: String = "localhost", client: ((TestCertificates) throws -> TLSContext)? = nil
    ) throws {
        let certificates = try testCertificates()
        let serverContext = try TLSContext.server(
            certificate: certificates.certificate(identity), key: certificates.key(identity))
        let clientContext = try client?(certificates) ?? .client(extraRoots: certificates.authority)
        self.client = try clientContext.makeEngine(host: host)
        server = try serverContext.makeEngine()
    }

    /// Lets both speak until neither has anything to say, and returns what each one heard.
    @discardableResult
    func run() -> (client: [UInt8], server: [UInt8]) {
        var heard: (client: [UInt8], server: [UInt8]) = ([], [])
        client.start()
        while true {
            let (request, answer) = (client.ciphertext(), server.ciphertext())
            guard !request.isEmpty || !answer.isEmpty else { return heard }
            heard.server += server.take(request, inPiecesOf: pieceSize)
            heard.client += client.take(answer, inPiecesOf: pieceSize)
        }
    }
}

extension TLSEngine {
    func write(_ text: String) {
        write(Array(text.utf8).span)
    }

    /// What is to be sent.
    func ciphertext() -> [UInt8] {
        var bytes: [UInt8] = []
        takeCiphertext { bytes = Array($0) }
        return bytes
    }

    /// Receives `ciphertext` in pieces, reading each before the next.
    func take(_ ciphertext: [UInt8], inPiecesOf size: Int = .max) -> [UInt8] {
        var plaintext: [UInt8] = []
        var start = 0
        while start < ciphertext.count {
            let end = start + min(size, ciphertext.count - start)
            receive(ciphertext.span.extracting(start..<end))
            plaintext += readAll()
            shrink(after: end - start)
            start = end
        }
        return plaintext
    }

    private func readAll() -> [UInt8] {
        var plaintext: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 5000)
        while true {
            var span = buffer.mutableSpan
            let count = read(into: &span)
            plaintext += buffer.prefix(count)
            if count < buffer.count { return plaintext }
        }
    }
}
