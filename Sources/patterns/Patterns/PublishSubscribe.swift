import SocketIO

/// A topic is a room; with an adapter it is one on all nodes.
struct PublishSubscribe: Pattern {
    /// Who published, where there are several.
    let node: String

    func install(on io: SocketIOServer) {
        let topics = io.namespace("/topics")
        topics.onConnection { socket in
            socket.on("subscribe") { (topic: String) in socket.join("topic:\(topic)") }
            socket.on("unsubscribe") { (topic: String) in socket.leave("topic:\(topic)") }
            socket.on("publish") { (topic: String, text: String) in
                topics.to("topic:\(topic)").emit("published", topic, text, node)
            }
        }
    }
}
