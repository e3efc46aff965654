internal import Synchronization

/// Decides whether a client may have a namespace that is not there yet.
struct NamespaceMatcher: Sendable {
    enum Decision: Sendable {
        case pattern(@Sendable (String) -> Bool)
        case immediate(@Sendable (String, Handshake) throws -> Bool)
        case asynchronous(@Sendable (String, Handshake) async throws -> Bool)
    }

    let decision: Decision
    /// What is registered for all whom it lets in.
    let template: Namespace
    let family: NamespaceFamily
}

/// A regular expression that any thread may ask: one at a time, since none promises more.
final class PatternMatcher<Output>: Sendable {
    private let pattern: Mutex<Regex<Output>>

    init(_ pattern: sending Regex<Output>) {
        self.pattern = Mutex(pattern)
    }

    func matches(_ name: String) -> Bool {
        pattern.withLock { ((try? $0.wholeMatch(in: name)) ?? nil) != nil }
    }
}
