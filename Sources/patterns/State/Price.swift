import Foundation

/// What something costs, which changes every few seconds.
struct Price: Codable, Sendable, Equatable {
    let cents: Int

    init(at time: Date) {
        let step = (time.timeIntervalSince1970 / 5).rounded(.down)
        cents = 10_000 + Int(900 * sin(step * 0.7) + 400 * sin(step * 1.9))
    }
}
