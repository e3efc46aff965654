/// Why a check failed.
struct Failed: Error, CustomStringConvertible {
    let description: String
}

func expect<Value: Equatable>(_ value: Value, _ expected: Value) throws {
    guard value != expected else { return }
    throw Failed(description: "\("\(value)".prefix(100)) instead of \("\(expected)".prefix(100))")
}

/// Runs one check, and says how it went.
func check(_ name: String, _ body: () async throws -> Void) async {
    do {
        try await body()
        say("pass \(name)")
    } catch {
        say("fail \(name): \(error)")
    }
}
