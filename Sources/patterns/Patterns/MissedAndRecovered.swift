import SocketIO

/// `PatternsServer` turns recovery on.
struct MissedAndRecovered: Pattern {
    func install(on io: SocketIOServer) {
        let news = io.namespace("/news")
        news.onConnection { socket in
            if socket.isRecovered { return }  // what it missed has been sent
            socket.emit("headline", "all that is new from here on")
        }
        io.http.post("/news") { request in
            guard let text = request.text else { return .status(400) }
            news.emit("headline", text)
            return .status(202)
        }
    }
}
