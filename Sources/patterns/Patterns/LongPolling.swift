import SocketIO

/// RFC 6202, 2: the answer is held back until there is one.
struct LongPolling: Pattern {
    let pace: Pace
    private let validations = Validations()

    init(pace: Pace) {
        self.pace = pace
    }

    func install(on io: SocketIOServer) {
        io.http.post("/validations") { request in
            try await validations.count {
                // The task is cancelled when the client leaves: this throws.
                try await Task.sleep(for: .seconds(.random(in: pace.validation)))
                return try .json(Verdict(of: request.body))
            }
        }
        io.http.get("/validations") { _ in try .json(validations.counts) }
    }
}
