import Glibc
import SocketIOClient

/// A process of client sockets, on public API as any application would write it; its CPU time is the client's alone.
struct ClientLoad {
    private let plan: ClientPlan
    private let server: ProcessUsage?
    private let faults = BenchSocket.Faults()

    private static let warmUp = Duration.milliseconds(300)
    /// How long the last answers may take.
    private static let patience = Duration.seconds(10)
    /// How many sockets connect at once: fewer than any server's backlog.
    private static let width = 64
    /// Sockets that are there before those whose memory is measured, so that what all share is.
    private static let first = 100

    /// Runs the plan, prints what was measured, and ends the process.
    static func run(_ plan: ClientPlan) -> Never {
        Host.raiseDescriptorLimit()
        Task.detached {
            do {
                Host.printLine(try JSONText.encode(try await ClientLoad(plan).run()))
                exit(0)
            } catch {
                // For the command that started this process.
                Host.printLine("\(error)")
                exit(1)
            }
        }
        while true { pause() }
    }

    private init(_ plan: ClientPlan) throws {
        self.plan = plan
        server = try plan.target.process.map { id throws(LoadFailure) in try ProcessUsage(of: id) }
    }

    private func run() async throws -> LoadResult {
        switch plan.work {
        case .echo:
            let sockets = try await connect(0..<plan.sockets)
            for socket in sockets { socket.begin() }
            let result = try await measure(sockets)
            try await awaitLastAnswers(of: sockets)
            return result
        case .ack:
            let sockets = try await connect(0..<plan.sockets)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for socket in sockets {
                    for slot in 0..<plan.inFlight { group.addTask { await socket.ask(slot) } }
                }
                let result = try await measure(sockets)
                try await group.waitForAll()
                try await awaitLastAnswers(of: sockets)
                return result
            }
        case .idle: return try await measureMemory()
        }
    }

    /// Returns when the sockets are connected.
    private func connect(_ indices: Range<Int>) async throws -> [BenchSocket] {
        let sockets = indices.map { BenchSocket(plan, index: $0, faults: faults) }
        var waiting = sockets.makeIterator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.width {
                if let socket = waiting.next() { group.addTask { try await socket.connect() } }
            }
            while try await group.next() != nil {
                if let socket = waiting.next() { group.addTask { try await socket.connect() } }
            }
        }
        return sockets
    }

    private struct Sample {
        let time = Clock.now
        let client = Clock.ownCPU
        let server: UInt64?
        let machine = MachineTime.now
        let messages: Int

        init(_ server: ProcessUsage?, _ sockets: [BenchSocket]) {
            self.server = server?.cpu
            messages = sockets.reduce(0) { $0 + $1.count }
        }
    }

    private func measure(_ sockets: [BenchSocket]) async throws -> LoadResult {
        try await Task.sleep(for: Self.warmUp)
        let start = Sample(server, sockets)
        try await Task.sleep(for: .seconds(plan.seconds))
        let end = Sample(server, sockets)
        for socket in sockets { socket.stop() }
        var result = LoadResult()
        result.messages = end.messages - start.messages
        result.seconds = Double(end.time - start.time) / 1e9
        result.generatorCPU = Double(end.client - start.client) / 1e9
        if let first = start.server, let last = end.server { result.serverCPU = Double(last - first) / 1e9 }
        if let first = start.machine, let last = end.machine {
            let ours = result.generatorCPU + (result.serverCPU ?? 0)
            result.otherLoad = max(0, last.busy - first.busy - ours) / result.seconds
        }
        return result
    }

    /// Waits for the last answers: one that is wrong, lost or too many is a failure.
    private func awaitLastAnswers(of sockets: [BenchSocket]) async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while let missing = sockets.first(where: { !$0.isSettled }) {
            try faults.check()
            guard ContinuousClock.now < deadline else { throw LoadFailure("\(missing.count) answers, and no more") }
            try await Task.sleep(for: .milliseconds(1))
        }
        // An answer too many may be on its way.
        try await Task.sleep(for: .milliseconds(10))
        try faults.check()
        for socket in sockets { await socket.close() }
    }

    /// How much this process grows with each further socket that is connected and does nothing.
    private func measureMemory() async throws -> LoadResult {
        let this = try ProcessUsage(of: getpid())
        let first = try await connect(0..<Self.first)
        let before = this.residentBytes
        let sockets = try await connect(Self.first..<Self.first + plan.sockets)
        let after = this.residentBytes
        try faults.check()
        guard let before, let after else { throw LoadFailure("the memory of this process cannot be read") }
        var result = LoadResult()
        result.bytesPerConnection = Double(after - before) / Double(plan.sockets)
        for socket in first + sockets { socket.stop() }
        for socket in first + sockets { await socket.close() }
        return result
    }
}
