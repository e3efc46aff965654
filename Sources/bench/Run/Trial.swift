import NetLoop

/// A server with its load.
struct Trial {
    let name: String
    let subject: Subject
    /// Event loops of the server.
    let loops: Int
    var plan: LoadPlan

    init(_ name: String, _ subject: Subject, loops: Int = 1, _ plan: LoadPlan) {
        self.name = name
        self.subject = subject
        self.loops = loops
        self.plan = plan
    }
}

/// What is compared with what, for each kind of work.
struct Trials {
    /// The servers under test; more than one are compared with one another, one with the floor.
    struct Candidate {
        let name: String
        /// Starts it with so many event loops.
        let start: (Int) throws -> Subject
    }

    /// What the floor is called.
    static let floor = "floor"
    /// What the same server is called, spoken to as most clients do, next to one that compresses, or clients of Socket.IO 2.
    static let usual = "as usual"

    private let options: Options
    private let candidates: [Candidate]

    init(_ options: Options, _ candidates: [Candidate]) {
        self.options = options
        self.candidates = candidates
    }

    /// This executable, or the server at a URL.
    init(_ options: Options) {
        self.init(
            options,
            [
                Candidate(name: "server") { loops in
                    if let url = options.url { return try .running(options, at: url) }
                    return try .server(
                        loops: loops, compresses: options.compresses, isVersion2: options.isVersion2)
                }
            ])
    }

    /// Starts the servers, which are new each time.
    func make(_ work: Work, inFlight: Int) throws -> [Trial] {
        var trials = try servers(work, inFlight: inFlight)
        // Whoever never sleeps needs a core that no loop needs, and what is compared is loaded in the same way.
        let looksWithoutSleep = trials.allSatisfy { $0.loops < Machine.coreCount }
        for index in trials.indices { trials[index].plan.looksWithoutSleep = looksWithoutSleep }
        return trials
    }

    private func servers(_ work: Work, inFlight: Int) throws -> [Trial] {
        let plan = plan(work, inFlight: inFlight)
        var trials: [Trial] = []
        let loops = options.loops ?? 1
        for candidate in candidates {
            trials.append(Trial(candidate.name, try candidate.start(loops), loops: loops, plan))
        }
        guard let candidate = candidates.first, let subject = trials.first?.subject, trials.count == 1 else {
            return trials
        }
        if loops > 1, options.url == nil { trials.append(Trial("one loop", try candidate.start(1), plan)) }
        if options.compresses || options.isVersion2 {
            if options.url == nil { trials.append(Trial(Self.usual, try .server(loops: loops), loops: loops, plan)) }
            return trials
        }
        switch work {
        case .echo:
            // As many bytes could be too many for a text.
            if plan.payload.event != Payload().event, plan.payload.kind != .binary {
                trials.append(Trial("string, sync", subject, loops: loops, simple(plan)))
            }
            trials.append(Trial(Self.floor, try .floor(), plan))
        case .ack:
            trials.append(Trial("echo", subject, loops: loops, simple(plan)))
            trials.append(Trial(Self.floor, try .floor(), plan))
        case .broadcast: trials.append(Trial(Self.floor, try .floor(.everyone), plan))
        case .connect: trials.append(Trial(Self.floor, try .floor(), plan))
        case .idle:
            guard plan.rooms > 0 else { break }
            var plain = plan
            plain.rooms = 0
            // Another server: in this one, memory that the first connections left would be used again.
            trials.append(Trial("without rooms", try candidate.start(loops), loops: loops, plain))
        case .joinLeave, .polling, .events: break
        }
        return trials
    }

    /// The plainest echo of as many connections.
    private func simple(_ plan: LoadPlan) -> LoadPlan {
        var simple = plan
        simple.work = .echo
        simple.payload = Payload(bytes: plan.payload.bytes)
        return simple
    }

    private func plan(_ work: Work, inFlight: Int) -> LoadPlan {
        var plan = LoadPlan(work: work)
        plan.payload = options.payload
        plan.inFlight = inFlight
        plan.rooms = options.rooms
        plan.connections = options.connections ?? work.defaultConnections
        plan.extent = .time(warmUp: 0.3, seconds: options.seconds ?? (work == .idle ? 25 : 2))
        return plan
    }
}

extension Work {
    fileprivate var defaultConnections: Int {
        switch self {
        case .echo, .ack, .polling, .joinLeave: 100
        case .broadcast: 1_000
        // One of them asks.
        case .events: 1_001
        case .connect: 16
        case .idle: 10_000
        }
    }

    /// How many messages each connection has under way, if nothing else is asked for.
    var defaultInFlight: [Int] {
        switch self {
        case .echo, .ack, .broadcast, .joinLeave: [1, 16]
        case .connect, .idle, .polling, .events: [1]
        }
    }
}
