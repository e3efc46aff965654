import SocketIO

struct ServerSentEvents: Pattern {
    let pace: Pace

    func install(on io: SocketIOServer) {
        io.http.get("/progress") { request in
            let last = request.lastEventID.flatMap { Int($0) } ?? 0
            // `EventSource` does not come back from this one.
            guard (0..<100).contains(last) else { return .status(204) }
            let end = request.query["lose"] != nil && last < 50 ? 50 : 100
            return .events { stream in
                for percent in last + 1...end where percent.isMultiple(of: 10) {
                    try await Task.sleep(for: pace.step)
                    try await stream.send("\(percent)", event: "progress", id: "\(percent)", retry: .seconds(1))
                }
            }
        }
    }
}
