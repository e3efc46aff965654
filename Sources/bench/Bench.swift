import CommandLineOptions
import Glibc
import SocketIOWire

/// The benchmarks: the server under test, the load generator, and what runs the two and reports.
@main
struct Bench {
    /// Not asynchronous: the main thread must stay, because valgrind does not survive that it ends.
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            guard let command = options.command, !options.wantsHelp else { return print(Usage.text) }
            try run(command, options)
        } catch let error as UsageError {
            print("\(error)\n\n\(Usage.text)")
            exit(2)
        } catch {
            print("failed: \(error)")
            exit(1)
        }
    }

    private nonisolated static func run(_ command: Command, _ options: Options) throws {
        switch command {
        case .serve: Serve.run(options)
        case .echo, .ack, .broadcast, .connect, .idle, .polling, .events, .joinLeave:
            if let work = command.work { try MeasureCommand(work, options).run() }
        case .cluster: try ClusterCommand(options).run()
        case .client: try ClientCommand(options).run()
        case .compare: try MeasureCommand(comparing: options).run()
        case .all: try AllCommand(options).run()
        case .codec: try CodecCommand(options).run()
        case .instructions: try InstructionsCommand(options).run()
        case .scaling: try ScalingCommand(options).run()
        case .load: try load(options)
        case .clientLoad: ClientLoad.run(try plan(options))
        case .codecLoop:
            guard let count = options.operands.first.flatMap({ Int($0) }) else {
                throw UsageError("codec-loop needs a count")
            }
            try CodecOperation.run(Array(options.operands.dropFirst()), count)
        case .scalingLoop: ScalingLoop.run(options.operands)
        case .floorServe: try FloorServer.run(options.operands.first.flatMap(FloorServer.Audience.init) ?? .sender)
        }
    }

    /// What the other commands start as the load generator.
    private nonisolated static func load(_ options: Options) throws {
        let plan: LoadPlan = try plan(options)
        do {
            Host.printLine(try JSONText.encode(Generator.run(plan)))
        } catch {
            // For the command that started this process.
            Host.printLine("\(error)")
            exit(1)
        }
    }

    private nonisolated static func plan<Plan: Decodable>(_ options: Options) throws -> Plan {
        guard let text = options.operands.first else { throw UsageError("a load needs its plan") }
        return try JSONText.decode(Plan.self, from: text)
    }
}
