import SocketIO

/// Counts, for all in `/counter` to hear: with recovery on nobody is to miss or to hear twice a number.
struct Counter {
    let io: SocketIOServer

    func start() {
        let namespace = io.namespace("/counter")
        namespace.on("join") { (socket: Socket, room: String) in
            socket.join(Room(room))
            return true
        }
        Task {
            var number = 0
            while true {
                number += 1
                namespace.to("listeners").emit("number", number, ["is": "odd"])
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}
