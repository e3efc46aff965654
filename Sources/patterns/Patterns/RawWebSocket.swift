import SocketIO

struct RawWebSocket: Pattern {
    private static let limit = 100_000_000

    func install(on io: SocketIOServer) {
        io.http.webSocket("/upload") { socket in
            guard let total = socket.request.query["bytes"].flatMap({ Int($0) }), (1...Self.limit).contains(total)
            else { return socket.close(.policyViolation, reason: "/upload?bytes=N says how many come") }
            var received = 0
            for await message in socket {
                guard case .binary(let piece) = message else {
                    return socket.close(.unsupportedData, reason: "pieces are binary")
                }
                received += piece.count
                try await socket.send("\(min(100, 100 * received / total))")
                if received >= total { return }
            }
        }
    }
}
