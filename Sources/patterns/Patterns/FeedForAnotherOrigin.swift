import SocketIO

/// `PatternsServer` says which origins may connect.
struct FeedForAnotherOrigin: Pattern {
    func install(on io: SocketIOServer) {
        let feed = io.namespace("/feed")
        io.http.post("/feed") { request in
            guard let text = request.text else { return .status(400) }
            feed.emit("item", text)
            return .status(202)
        }
    }
}
