import CommandLineOptions

/// Something that a peer or an application can ask for any number of times, and whose cost for one must not depend on
/// how many there are.
struct ScalingOperation: Sendable {
    /// One run of it.
    struct Trial {
        /// What is counted: returns when all of it is done.
        let run: () async throws -> Void
        /// Ends what was prepared.
        var end: () async throws -> Void = {}
    }

    let name: String
    /// How many are few.
    let count: Int
    /// What limits the cost of one, where that grows by design.
    var bound: String?
    /// Prepares a run of so many.
    let prepare: @Sendable (Int) async throws -> Trial

    init(_ name: String, _ count: Int, _ prepare: @escaping @Sendable (Int) async throws -> Trial) {
        self.name = name
        self.count = count
        self.prepare = prepare
    }

    /// One that needs nothing but its input.
    static func plain(
        _ name: String, _ count: Int, _ prepare: @escaping @Sendable (Int) throws -> () throws -> Void
    ) -> ScalingOperation {
        ScalingOperation(name, count) { count in
            let run = try prepare(count)
            return Trial(run: { try run() })
        }
    }

    /// The same, where a limit keeps the cost of one small.
    func within(_ bound: String) -> ScalingOperation {
        var operation = self
        operation.bound = bound
        return operation
    }

    /// In the order in which they are reported; each list runs in one process.
    static func all() -> [[ScalingOperation]] {
        [
            handlers(), namespaceHandlers(), rooms(), sharedRooms(), broadcasts(), namespaces(), connections(), acks(),
            client(), clientHandlers(), clientLifecycle(), decoding(), containers(), values(), encoding(), http(),
            frames(),
        ]
    }

    /// Those whose names begin with one of `words`; all, if there are no words.
    static func chosen(by words: [String]) throws(UsageError) -> [[ScalingOperation]] {
        let all = all()
        guard !words.isEmpty else { return all }
        for word in words where !all.joined().contains(where: { $0.name.hasPrefix(word) }) {
            throw UsageError("there is no operation \(word)")
        }
        return all.map { $0.filter { operation in words.contains { operation.name.hasPrefix($0) } } }
            .filter { !$0.isEmpty }
    }
}
