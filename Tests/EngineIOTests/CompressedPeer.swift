import NetLoop
import SocketIOWire
import TestSupport
import Testing

/// A client of a compressed WebSocket: its end of what is agreed on (RFC 7692).
struct CompressedPeer {
    let client: RawClient
    let answer: String?
    private let deflate: Deflate
    private let inflate: Inflate

    init(_ client: RawClient, _ response: RawResponse) throws {
        self.client = client
        answer = response["sec-websocket-extensions"]
        let zlib = try ZlibLibrary.load()
        deflate = try #require(Deflate(.raw, zlib))
        inflate = try #require(Inflate(zlib))
        #expect(response.status == 101)
    }

    func compress(_ bytes: [UInt8]) -> [UInt8] {
        if answer?.contains("client_no_context_takeover") != false { deflate.restart() }
        let writer = ByteWriter()
        deflate.message(bytes.span, to: writer)
        return writer.array()
    }

    func send(_ text: String) throws {
        try client.send(RawClient.frame(firstByte: 0xC1, compress(Array(text.utf8))))
    }

    /// The next message that is no ping, and how many bytes it was on the way.
    func receive() throws -> (payload: [UInt8], isCompressed: Bool, byteCount: Int) {
        try client.inOneWait {
            while true {
                let frame = try client.receiveFrame()
                guard frame.payload != [50] else { continue }
                guard frame.isCompressed else { return (frame.payload, false, frame.payload.count) }
                if answer?.contains("server_no_context_takeover") == true { inflate.restart() }
                let message = try inflate.message(frame.payload.span, limit: 10_000_000)
                return (message, true, frame.payload.count)
            }
        }
    }

    func receiveText() throws -> String {
        String(decoding: try receive().payload, as: UTF8.self)
    }
}
