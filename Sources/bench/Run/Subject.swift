import CommandLineOptions
import NetLoop

/// A server that is measured.
final class Subject {
    let target: Target
    /// Kept because the server ends with it.
    private let process: ChildProcess?

    private init(_ target: Target, _ process: ChildProcess?) {
        self.target = target
        self.process = process
    }

    /// This executable.
    static var executable: String { FilePath.resolve("/proc/self/exe") ?? CommandLine.arguments[0] }

    /// `bench serve` of an executable, started under `prefix` if there is one.
    static func server(
        executable: String = executable, loops: Int, compresses: Bool = false, isVersion2: Bool = false,
        under prefix: [String] = [], with options: [String] = []
    ) throws -> Subject {
        var arguments = [executable, "serve", "--port", "0", "--loops", "\(loops)", "--tethered"] + options
        if compresses { arguments.append("--compress") }
        if isVersion2 { arguments.append("--version-2") }
        return try start(prefix + arguments, isVersion2 ? .version2 : .socketIO, compresses: compresses)
    }

    static func floor(_ audience: FloorServer.Audience = .sender) throws -> Subject {
        try start([executable, "floor-serve", audience.rawValue], .raw)
    }

    /// One that runs already.
    static func running(_ options: Options, at url: String) throws -> Subject {
        guard var target = Target(url: url) else { throw UsageError("'\(url)' is not like http://127.0.0.1:3000/") }
        target.process = options.process
        target.speech = options.isRaw ? .raw : options.isVersion2 ? .version2 : .socketIO
        target.compresses = options.compresses
        return Subject(target, nil)
    }

    private static func start(
        _ command: [String], _ speech: Target.Speech, compresses: Bool = false
    ) throws -> Subject {
        let process = try ChildProcess(command)
        let words = process.line(patience: .seconds(60))?.split(separator: " ") ?? []
        guard words.dropLast() == ["listening", "on"], let port = words.last.flatMap({ Int($0) }) else {
            throw LoadFailure("\(command.joined(separator: " ")) does not listen")
        }
        let address = Target.Address(host: "127.0.0.1", port: port)
        let target = Target(address: address, speech: speech, compresses: compresses, process: process.id)
        return Subject(target, process)
    }

    /// Runs `plan` against this server, in a process of its own.
    ///
    /// - Parameter watched: Whose CPU is measured, if not this server's.
    func measure(_ plan: LoadPlan, watching watched: Subject? = nil) throws -> LoadResult {
        var plan = plan
        plan.target = target
        if let watched { plan.target.process = watched.target.process }
        return try Self.run("load", try JSONText.encode(plan))
    }

    /// Runs client sockets against this server, in a process of their own.
    func measure(_ plan: ClientPlan) throws -> LoadResult {
        var plan = plan
        plan.target = target
        return try Self.run("client-load", try JSONText.encode(plan))
    }

    private static func run(_ command: String, _ plan: String) throws -> LoadResult {
        let generator = try ChildProcess([executable, command, plan])
        guard let output = generator.rest(patience: .seconds(600)) else { throw LoadFailure("the load does not end") }
        guard generator.wait() == 0 else { throw LoadFailure(output) }
        return try JSONText.decode(LoadResult.self, from: output)
    }

    /// Ends the server in order.
    func stop() {
        process?.terminate()
    }
}
