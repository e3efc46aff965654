import SocketIOWire
import Testing

@testable import bench

struct OpeningTests {
    private let response =
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    private func frame(_ text: String) -> [UInt8] {
        let writer = ByteWriter()
        Message.text(text).appendPlain(to: writer)
        return writer.array()
    }

    private func masked(_ text: String) -> [UInt8] {
        let writer = ByteWriter()
        Message.text(text).appendMasked(to: writer)
        return writer.array()
    }

    private func target(_ speech: Target.Speech = .socketIO, compresses: Bool = false) -> Target {
        Target(address: Target.Address(host: "127.0.0.1", port: 1), speech: speech, compresses: compresses)
    }

    @Test func `connects and joins a room, in whatever pieces the answers come`() throws {
        let open = String(repeating: " ", count: 150)
        let bytes = Array(response.utf8) + frame("0{\(open)}")
        for split in 0...bytes.count {
            var opening = Opening(target(), rooms: ["x"])
            var steps = [try opening.receive(Array(bytes[..<split]))]
            steps.append(try opening.receive(Array(bytes[split...])))
            #expect(steps.filter { $0 != .wait } == [.send(masked("40"))])
            #expect(try opening.receive(frame(#"40{"sid":"a"}"#)) == .send(masked(#"420["join","x"]"#)))
            #expect(try opening.receive(frame("430[true]")) == .finished)
        }
    }

    @Test func `joins the namespace that it is told`() throws {
        var opening = Opening(target(), namespace: "/n")
        #expect(try opening.receive(Array(response.utf8) + frame("0{}")) == .send(masked("40/n,")))
        #expect(try opening.receive(frame(#"40/n,{"sid":"a"}"#)) == .finished)
    }

    @Test func `a client of Socket.IO 2 is connected without asking`() throws {
        var opening = Opening(target(.version2))
        #expect(String(decoding: opening.request, as: UTF8.self).hasPrefix("GET /socket.io/?EIO=3&"))
        #expect(try opening.receive(Array(response.utf8) + frame("0{}")) == .wait)
        #expect(try opening.receive(frame("40")) == .finished)
    }

    @Test func `a server that is to compress has to say so`() throws {
        var opening = Opening(target(.raw, compresses: true))
        let field = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        #expect(String(decoding: opening.request, as: UTF8.self).hasSuffix(field))
        #expect(throws: LoadFailure.self) { try opening.receive(Array(response.utf8)) }
        var other = Opening(target(.raw, compresses: true))
        let answer = response.replacing("\r\n\r\n", with: field)
        #expect(try other.receive(Array(answer.utf8)) == .finished)
    }

    @Test func `a stream of events begins with its head`() throws {
        var opening = Opening(ofStream: target())
        #expect(String(decoding: opening.request, as: UTF8.self) == "GET /events HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n")
        #expect(try opening.receive(Array("HTTP/1.1 200 OK\r\nA: b\r\n\r\n".utf8)) == .finished)
        var refused = Opening(ofStream: target())
        #expect(throws: LoadFailure.self) { try refused.receive(Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8)) }
    }

    @Test func `needs no more than the upgrade where there is no Socket.IO`() throws {
        var opening = Opening(target(.raw))
        #expect(try opening.receive(Array(response.utf8)) == .finished)
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"])
    func `refuses a server that does not upgrade`(response: String) {
        #expect(throws: LoadFailure.self) {
            var opening = Opening(target())
            _ = try opening.receive(Array(response.utf8))
        }
    }

    @Test func `refuses a refusal`() throws {
        var opening = Opening(target())
        _ = try opening.receive(Array(response.utf8) + frame("0{}"))
        #expect(throws: LoadFailure.self) { _ = try opening.receive(frame(#"44{"message":"no"}"#)) }
    }
}
