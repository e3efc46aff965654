import SocketIO
import SocketIOClient

// A file with both: an app's tests.

let io = SocketIOServer()

func both(manager: ClientManager) async throws {
    io.onConnection { socket in socket.on("x") { (text: String) in io.emit("x", text) } }
    let socket = manager.socket()
    socket.on("x") { (text: String) in print(text) }
    socket.emit("x", "text")
    let local = SocketIOServer()
    local.on("x") { (socket: Socket, text: String) in socket.emit("x", text) }
}
