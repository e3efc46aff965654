import SocketIO

struct RoomsFromHandlers: Pattern {
    func install(on io: SocketIOServer) {
        let halls = io.namespace("/halls")
        halls.on("enter") { (socket: Socket, hall: String) in
            socket.join("hall:\(hall)")
            halls.to("hall:\(hall)").emit("entered", hall, socket.id)
        }
        halls.on("leave") { (socket: Socket, hall: String) in socket.leave("hall:\(hall)") }

        // A handler of plain HTTP reaches the room, too.
        io.http.post("/halls/:hall") { request in
            guard let hall = request.parameters["hall"], let text = request.text else { return .status(400) }
            halls.to("hall:\(hall)").emit("called", hall, text)
            return .status(202)
        }
    }
}
