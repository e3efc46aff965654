import TestSupport
import Testing

@testable import NetLoop

@Suite(.withCertificates, .timeLimit(.minutes(1))) struct TLSEngineTests {
    // MARK: Both ways

    @Test func `shakes hands and carries bytes both ways`() throws {
        let pair = try TLSEnginePair()
        #expect(pair.client.state == .handshaking && pair.server.state == .handshaking)
        #expect(pair.run() == ([], []))
        #expect(pair.client.state == .established && pair.server.state == .established)
        #expect(pair.client.version == "TLSv1.3")
        #expect(pair.client.chosenProtocol == "http/1.1" && pair.server.chosenProtocol == "http/1.1")
        pair.client.write("question")
        pair.server.write("answer")
        #expect(pair.run() == (Array("answer".utf8), Array("question".utf8)))
    }

    @Test func `nothing of what is written can be read on the way`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.write("a secret of some length")
        let ciphertext = pair.client.ciphertext()
        #expect(ciphertext.count > 23)
        #expect(!String(decoding: ciphertext, as: UTF8.self).contains("secret"))
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func `a handshake and data arrive in pieces`(size: Int) throws {
        var pair = try TLSEnginePair()
        pair.pieceSize = size
        pair.run()
        #expect(pair.client.state == .established && pair.server.state == .established)
        let bytes = numbered(40_000)
        pair.client.write(bytes.span)
        pair.server.write("short")
        let heard = pair.run()
        #expect(difference(heard.server, from: bytes) == nil)
        #expect(heard.client == Array("short".utf8))
    }

    @Test func `a record split at every byte is read once it is whole`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.write("x")
        let length = pair.client.ciphertext().count
        // That one was never delivered: the next pair starts afresh.
        let fresh = try TLSEnginePair()
        fresh.run()
        for split in 1..<length {
            fresh.client.write("x")
            let record = fresh.client.ciphertext()
            #expect(record.count == length)
            #expect(fresh.server.take(Array(record[..<split])) == [])
            #expect(fresh.server.take(Array(record[split...])) == Array("x".utf8))
        }
    }

    @Test(arguments: [1, 16_384, 16_385, 1_000_000]) func `carries a message of any size`(size: Int) throws {
        let pair = try TLSEnginePair()
        pair.run()
        let bytes = numbered(size)
        pair.client.write(bytes.span)
        #expect(difference(pair.run().server, from: bytes) == nil)
        pair.server.write(bytes.span)
        #expect(difference(pair.run().client, from: bytes) == nil)
    }

    @Test func `all plaintext fits where the ciphertext was, and the longest record beside it`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.write(numbered(200_000).span)
        let ciphertext = pair.client.ciphertext()
        let first = 16_000  // most of one record
        pair.server.receive(ciphertext.span.extracting(0..<first))
        var buffer = [UInt8](repeating: 0, count: ciphertext.count - first + TLSEngine.maxRecordBytes)
        var span = buffer.mutableSpan
        #expect(pair.server.read(into: &span) == 0)
        pair.server.receive(ciphertext.span.extracting(first..<ciphertext.count))
        span = buffer.mutableSpan
        #expect(pair.server.read(into: &span) == 200_000)
    }

    @Test func `what is written before the handshake is over follows it, in order`() throws {
        let pair = try TLSEnginePair()
        pair.client.write("first,")
        pair.server.write("early")
        pair.client.write("second")
        let heard = pair.run()
        #expect(heard == (Array("early".utf8), Array("first,second".utf8)))
    }

    @Test func `keeps no more than a limit before the handshake is over`() throws {
        let pair = try TLSEnginePair()
        pair.client.write(numbered(TLSEngine.maxEarlyBytes).span)
        #expect(pair.client.state == .handshaking)
        #expect(difference(pair.run().server, from: numbered(TLSEngine.maxEarlyBytes)) == nil)
        let other = try TLSEnginePair()
        other.client.write(numbered(TLSEngine.maxEarlyBytes).span)
        other.client.write("x")
        #expect(other.client.state == .failed(.failed("the handshake takes too long for what is to be sent")))
    }

    // MARK: Whom a client trusts

    @Test(
        arguments: [
            "localhost", "LOCALHOST", "chat.example", "chat.example.", "a.wild.example", "127.0.0.1", "::1",
        ])
    func `trusts a certificate of a known authority for the host that is meant`(host: String) throws {
        let pair = try TLSEnginePair(host: host)
        pair.run()
        #expect(pair.client.state == .established)
    }

    @Test func `refuses a certificate of another host`() throws {
        for (identity, host) in [
            ("elsewhere", "localhost"), ("elsewhere", "127.0.0.1"), ("good", "example"), ("good", "a.chat.example"),
            ("good", "wild.example"), ("good", "a.b.wild.example"), ("good", "127.0.0.2"),
        ] {
            let pair = try TLSEnginePair(identity: identity, host: host)
            pair.run()
            #expect(pair.client.state == .failed(.wrongHost(host)))
            expectFailed(pair.server)
        }
    }

    @Test func `refuses a certificate that has expired`() throws {
        let pair = try TLSEnginePair(identity: "expired")
        pair.run()
        #expect(pair.client.state == .failed(.expired))
        expectFailed(pair.server)
    }

    @Test func `refuses a certificate signed by itself`() throws {
        let pair = try TLSEnginePair(identity: "selfsigned")
        pair.run()
        #expect(pair.client.state == .failed(.selfSigned))
        expectFailed(pair.server)
    }

    @Test func `refuses a certificate of an unknown authority`() throws {
        let pair = try TLSEnginePair { _ in try .client() }
        pair.run()
        #expect(pair.client.state == .failed(.unknownIssuer))
        expectFailed(pair.server)
    }

    @Test func `trusts a certificate signed by itself that is named as a root`() throws {
        let pair = try TLSEnginePair(identity: "selfsigned") { certificates in
            try .client(extraRoots: certificates.certificate("selfsigned"))
        }
        pair.run()
        #expect(pair.client.state == .established)
    }

    @Test(arguments: ["selfsigned", "expired", "elsewhere"])
    func `accepts anybody without verification`(identity: String) throws {
        let pair = try TLSEnginePair(identity: identity) { _ in try .clientWithoutVerification() }
        pair.client.write("hello")
        #expect(pair.run().server == Array("hello".utf8))
    }

    // MARK: Ending

    @Test func `the end comes after what was sent before it, and the other direction stays open`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.write("last words")
        pair.client.close()
        #expect(pair.run().server == Array("last words".utf8))
        #expect(pair.client.state == .closed && pair.client.isOver)
        #expect(pair.server.state == .peerFinished && !pair.server.isOver)
        pair.server.write("an answer")
        #expect(!pair.server.ciphertext().isEmpty)
        pair.server.close()
        #expect(pair.server.state == .closed)
    }

    @Test func `nothing is written or read after the end`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.close()
        _ = pair.client.ciphertext()
        pair.client.write("too late")
        #expect(pair.client.ciphertext() == [])
        pair.server.write("too late")
        #expect(pair.client.take(pair.server.ciphertext()) == [])
        pair.client.close()
        #expect(pair.client.ciphertext() == [])
    }

    @Test func `closed in the middle of the handshake, it says nothing more`() throws {
        let pair = try TLSEnginePair()
        pair.client.start()
        _ = pair.client.ciphertext()
        pair.client.close()
        #expect(pair.client.state == .closed)
        #expect(pair.client.ciphertext() == [])
    }

    // MARK: Broken peers

    @Test func `fails when a client does not speak TLS`() throws {
        let pair = try TLSEnginePair()
        #expect(pair.server.take(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)) == [])
        #expect(pair.server.state == .failed(.failed("http request")))
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0\0\0\0\0\0\0"])
    func `fails when a server does not speak TLS`(text: String) throws {
        let pair = try TLSEnginePair()
        pair.client.start()
        _ = pair.client.ciphertext()
        #expect(pair.client.take(Array(text.utf8)) == [])
        expectFailed(pair.client)
    }

    @Test func `fails when a record was changed on the way`() throws {
        let pair = try TLSEnginePair()
        pair.run()
        pair.client.write("hello")
        var record = pair.client.ciphertext()
        record[record.count / 2] ^= 1
        #expect(pair.server.take(record) == [])
        expectFailed(pair.server)
        // It tells the peer why.
        #expect(!pair.server.ciphertext().isEmpty)
        pair.server.write("too late")
        #expect(pair.server.ciphertext() == [])
    }

    @Test func `survives any bytes`() throws {
        var random = SeededGenerator(seed: 7)
        let certificates = try testCertificates()
        let context = try TLSContext.server(
            certificate: certificates.certificate("good"), key: certificates.key("good"))
        let clientContext = try TLSContext.client(extraRoots: certificates.authority)
        for _ in 0..<1000 {
            let client = try clientContext.makeEngine(host: "localhost")
            let server = try context.makeEngine()
            client.start()
            let hello = client.ciphertext()
            var bytes = hello
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = server.take(bytes, inPiecesOf: Int.random(in: 1...600, using: &random))
            var answer = server.ciphertext()
            if !answer.isEmpty {
                answer[Int.random(in: 0..<answer.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = client.take(answer, inPiecesOf: Int.random(in: 1...600, using: &random))
            server.close()
            client.close()
        }
    }

    @Test func `speaks TLS 1.2 and nothing older`() throws {
        /// A client that offers one version and one cipher, by hand.
        func hello(version: UInt8) -> [UInt8] {
            let extensions: [UInt8] = [
                0, 10, 0, 4, 0, 2, 0, 23,  // groups: secp256r1
                0, 13, 0, 4, 0, 2, 4, 3,  // signatures: ECDSA with SHA-256
            ]
            let cipher: [UInt8] = version >= 3 ? [0xC0, 0x2B] : [0xC0, 0x09]
            var body: [UInt8] = [3, version] + [UInt8](repeating: 7, count: 32) + [0, 0, 2] + cipher + [1, 0]
            body += [0, UInt8(extensions.count)] + extensions
            let message = [1, 0, 0, UInt8(body.count)] + body
            return [22, 3, 1, 0, UInt8(message.count)] + message
        }
        let current = try TLSEnginePair()
        _ = current.server.take(hello(version: 3))
        #expect(current.server.state == .handshaking)
        #expect(current.server.version == "TLSv1.2")
        for version: UInt8 in [1, 2] {
            let old = try TLSEnginePair()
            _ = old.server.take(hello(version: version))
            #expect(old.server.state == .failed(.failed("unsupported protocol")))
        }
    }

    private func expectFailed(_ engine: TLSEngine, _ location: SourceLocation = #_sourceLocation) {
        guard case .failed(let error) = engine.state else {
            Issue.record("\(engine.state)", sourceLocation: location)
            return
        }
        #expect(!error.description.isEmpty, sourceLocation: location)
    }
}
