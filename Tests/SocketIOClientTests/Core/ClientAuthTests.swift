import SocketIOEvents
import Testing

@testable import SocketIOClient

@Suite struct ClientAuthTests {
    private struct Token: Encodable { let token: String }
    private struct Blob: Encodable { let blob: [UInt8] }
    private struct Broken: Encodable {
        func encode(to encoder: any Encoder) throws { throw AckError(.cancelled) }
    }

    @Test func `an object is what goes with CONNECT`() throws {
        #expect(try ClientAuth.encode(Token(token: "ä\"")) == Array(#"{"token":"ä\""}"#.utf8))
        #expect(try ClientAuth.encode(["a": 1]) == Array(#"{"a":1}"#.utf8))
        #expect(try ClientAuth.encode([String: Int]()) == Array("{}".utf8))
        #expect(try ClientAuth.encode(JSONValue.object(["a": nil])) == Array(#"{"a":null}"#.utf8))
    }

    @Test func `whatever else it is, the error says what to do`() throws {
        let text = #expect(throws: ClientError.self) { try ClientAuth.encode("token") }
        #expect(text?.code == .invalidAuth && text?.message.contains("struct or a dictionary") == true)
        #expect(throws: ClientError.self) { try ClientAuth.encode([1]) }
        #expect(throws: ClientError.self) { try ClientAuth.encode(String?.none) }
        let bytes = #expect(throws: ClientError.self) { try ClientAuth.encode(Blob(blob: [1])) }
        #expect(bytes?.message.contains("encode them as text") == true)
        let broken = #expect(throws: ClientError.self) { try ClientAuth.encode(Broken()) }
        #expect(broken?.cause as? AckError == AckError(.cancelled))
    }
}
