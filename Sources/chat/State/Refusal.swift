import ChatEvents
import SocketIO

/// Why something is not done: in words for people, and in what code can compare.
struct Refusal: Error, Equatable {
    enum Reason: String, Codable {
        /// The name cannot be one.
        case name
        /// Somebody else has it, or one that looks like it.
        case nameTaken = "name-taken"
        case password
        /// Too often: later it may.
        case wait
        case other
    }

    /// What a client finds as `data` where its connection is refused.
    struct Details: Codable, Sendable {
        let reason: Reason
        let retryAfter: Double?
    }

    let words: String
    let reason: Reason
    let retryAfter: Duration?

    init(_ words: String, _ reason: Reason = .other, retryAfter: Duration? = nil) {
        self.words = words
        self.reason = reason
        self.retryAfter = retryAfter
    }

    static func tooSoon(_ wait: Duration, _ what: String) -> Refusal {
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        return Refusal("\(what): try again in \(seconds) s.", .wait, retryAfter: wait)
    }

    static let gone = Refusal("You are not here any more.")

    var seconds: Double? { retryAfter.map { $0 / .seconds(1) } }
}

extension ConnectionRefused {
    init(_ refusal: Refusal) {
        self.init(refusal.words, data: Refusal.Details(reason: refusal.reason, retryAfter: refusal.seconds))
    }
}

extension Receipt {
    init(_ refusal: Refusal) {
        self.init(error: refusal.words, retryAfter: refusal.seconds)
    }
}

extension JoinReply {
    init(_ refusal: Refusal) {
        self.init(error: refusal.words, retryAfter: refusal.seconds)
    }
}
