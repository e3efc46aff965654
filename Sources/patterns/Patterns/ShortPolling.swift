import Foundation
import SocketIO

struct ShortPolling: Pattern {
    func install(on io: SocketIOServer) {
        io.http.get("/price") { _ in try .json(Price(at: .now)) }
    }
}
