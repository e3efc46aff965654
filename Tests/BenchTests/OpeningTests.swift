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

    private func target(_ speech: Target.Speech = .socketIO) -> Target {
        Target(address: Target.Address(host: "127.0.0.1", port: 1), speech: speech)
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
