import EngineIO
import Foundation
import SocketIO

/// The server that `Tests/hostile` attacks: as an application would write it, with the defaults that one has, but for
/// how long things take.
@main
struct HostileServer {
    static func main() async throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let io = SocketIOServer()
        options.apply(to: &io.configuration)
        installHandlers(io)
        if let folder = options.files { io.http.folder("/files", at: folder) }

        let address = try await io.listen(host: "127.0.0.1", port: 0)
        // Past the buffering of `print`: the attackers wait for this line on a pipe.
        FileHandle.standardOutput.write(Data("listening on \(address.port)\n".utf8))
        await io.waitUntilClosed()
    }

    private static func installHandlers(_ io: SocketIOServer) {
        io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
        io.on("bytes") { (socket: Socket, values: [[UInt8]]) in socket.emit("bytes", values) }
        io.on("integer") { (_: Socket, _: Int) in }
        io.on("dictionary") { (_: Socket, _: [String: Int]) in }
        io.on("wait") { (_: Socket, _: Int) in try await Task.sleep(for: .seconds(3)) }
        io.on("ask") { (socket: Socket) in
            let answer: Int = try await socket.emitWithAck("question", timeout: .seconds(10))
            socket.emit("answered", answer)
        }
        io.on("join") { (socket: Socket, room: String) in
            socket.join(Room(room))
            return true
        }
        io.on("tell") { (_: Socket, text: String) in
            io.to("readers").emit("news", text)
            return true
        }
        io.on("tell much") { (_: Socket, count: Int) in
            io.to("readers").emit("news", String(repeating: "x", count: count))
            return true
        }
    }
}
