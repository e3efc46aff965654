internal import Synchronization

/// Looks names up with the system's resolver, which blocks, on a few threads of its own.
///
/// The threads exist only while there is something to look up.
final class Resolver: Sendable {
    enum Outcome: Sendable {
        /// The best first.
        case addresses([SocketAddress])
        /// In the system's words.
        case failure(String)
    }

    /// A question that was asked.
    final class Lookup: Sendable {
        fileprivate let host: String
        fileprivate let port: UInt16
        private let completion: Mutex<(@Sendable (Outcome) -> Void)?>

        fileprivate init(_ host: String, _ port: UInt16, _ completion: @escaping @Sendable (Outcome) -> Void) {
            self.host = host
            self.port = port
            self.completion = Mutex(completion)
        }

        /// The answer is not wanted any more; if nobody looks yet, nobody will. Any thread.
        func cancel() {
            _ = takeCompletion()
        }

        fileprivate var isCancelled: Bool { completion.withLock { $0 == nil } }

        fileprivate func complete(_ outcome: Outcome) {
            takeCompletion()?(outcome)
        }

        private func takeCompletion() -> (@Sendable (Outcome) -> Void)? {
            completion.withLock { completion in
                let taken = completion
                completion = nil
                return taken
            }
        }
    }

    static let shared = Resolver(maxThreads: 4, maxWaiting: 10_000) { host, port in
        NameLookup.addresses(of: host, port: port)
    }

    private struct State {
        var waiting: [Lookup] = []
        var threads = 0
    }

    /// What the caller of `enqueue` has to do.
    private enum Admission {
        case startThread, wait, refuse
    }

    private let state = Mutex(State())
    private let maxThreads: Int
    /// A question beyond them fails at once.
    private let maxWaiting: Int
    private let ask: @Sendable (String, UInt16) -> Outcome

    /// - Parameter ask: Answers a question; may block, on one of the resolver's threads.
    init(maxThreads: Int, maxWaiting: Int, ask: @escaping @Sendable (_ host: String, _ port: UInt16) -> Outcome) {
        self.maxThreads = maxThreads
        self.maxWaiting = maxWaiting
        self.ask = ask
    }

    /// Asks for the addresses of `host`.
    ///
    /// - Parameter completion: Called once, on another thread or before this returns, unless the lookup is cancelled.
    func lookUp(_ host: String, port: UInt16, completion: @escaping @Sendable (Outcome) -> Void) -> Lookup {
        let lookup = Lookup(host, port, completion)
        switch enqueue(lookup) {
        case .wait: break
        case .refuse: lookup.complete(.failure("too many names are being looked up"))
        case .startThread:
            do {
                try LoopThread.start { self.work() }.detach()
            } catch {
                for abandoned in abandonThread() { abandoned.complete(.failure("\(error)")) }
            }
        }
        return lookup
    }

    private func enqueue(_ lookup: Lookup) -> Admission {
        state.withLock { state in
            if state.waiting.count >= maxWaiting { state.waiting.removeAll { $0.isCancelled } }
            guard state.waiting.count < maxWaiting else { return .refuse }
            state.waiting.append(lookup)
            guard state.threads < maxThreads else { return .wait }
            state.threads += 1
            return .startThread
        }
    }

    /// There is no thread to be had; what waits is given up if no other one serves it.
    private func abandonThread() -> [Lookup] {
        state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [] }
            let waiting = state.waiting
            state.waiting = []
            return waiting
        }
    }

    /// Answers questions until there are none.
    private func work() {
        while let lookup = next() {
            guard !lookup.isCancelled else { continue }
            lookup.complete(ask(lookup.host, lookup.port))
        }
    }

    private func next() -> Lookup? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
