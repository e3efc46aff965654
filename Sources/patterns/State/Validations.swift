import Synchronization

/// How many validations there are, and what became of the others.
final class Validations: Sendable {
    struct Counts: Codable, Sendable, Equatable {
        var running = 0
        var done = 0
        /// The client has left before the answer.
        var abandoned = 0
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func count<Result>(_ validate: () async throws -> Result) async throws -> Result {
        state.withLock { $0.running += 1 }
        do {
            let result = try await validate()
            state.withLock { ($0.running, $0.done) = ($0.running - 1, $0.done + 1) }
            return result
        } catch {
            state.withLock { ($0.running, $0.abandoned) = ($0.running - 1, $0.abandoned + 1) }
            throw error
        }
    }
}

/// What a validation finds.
struct Verdict: Codable, Sendable, Equatable {
    let isValid: Bool

    /// By the check digit of ISO/IEC 7812-1, annex B.
    init(of number: [UInt8]) {
        let digits = number.filter { $0 != UInt8(ascii: " ") }.map { Int($0) - 48 }
        guard (2...19).contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
            isValid = false
            return
        }
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let value = digit.offset.isMultiple(of: 2) ? digit.element : 2 * digit.element
            return sum + value / 10 + value % 10
        }
        isValid = sum.isMultiple(of: 10)
    }
}
