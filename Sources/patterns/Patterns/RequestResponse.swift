import SocketIO

struct RequestResponse: Pattern {
    func install(on io: SocketIOServer) {
        io.http.get("/hello") { _ in .text("world") }
        io.http.post("/hello") { request in
            request.text == "ping" ? .text("pong") : .text("only ping is answered", status: 400)
        }
    }
}
