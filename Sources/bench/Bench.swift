import Glibc
import SocketIO

/// The benchmarks' command line. So far: the server under test.
@main
struct Bench {
    static let usage = """
        usage: bench serve [--port N] [--loops N]

        serve   a server for load tests: `echo` (any arguments) is sent back, `echo-ack` (x) is acknowledged with x,
                `join` (room) joins, `bcast` (room, message) is sent to the room as `bcast` (message)

        --port N    where it listens; 3000 by default, 0 lets the system choose
        --loops N   how many event loops serve; one for each core by default
        """

    /// Not asynchronous: the main thread must stay, because valgrind does not survive that it ends.
    static func main() {
        Task.detached {
            do {
                try await run()
                exit(0)
            } catch {
                print(error)
                exit(1)
            }
        }
        while true { pause() }
    }

    private nonisolated static func run() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        guard arguments.popFirst() == "serve" else {
            print(usage)
            return
        }
        var port = 3000
        var loops: Int?
        while let option = arguments.popFirst() {
            guard let text = arguments.popFirst(), let value = Int(text), value >= 0 else {
                print("\(option) needs a number\n\n\(usage)")
                return
            }
            switch option {
            case "--port": port = value
            case "--loops": loops = value
            default:
                print("unknown option \(option)\n\n\(usage)")
                return
            }
        }
        try await Serve.run(port: port, loops: loops)
    }
}
