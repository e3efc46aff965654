import CommandLineOptions
import ExamplePages
import Foundation
import SocketIO
import SocketIORedis

/// The ways of talking that people learn next to Socket.IO, on one port and one page.
///
/// `Patterns/` has a file for each, `State/` what they keep, and `Page/` is the browser's side.
@main
struct PatternsServer {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.wantsHelp {
                print(Options.usage)
            } else {
                try await run(options)
            }
        } catch let error as UsageError {
            complain("\(error)\n\n\(Options.usage)")
            exit(2)
        } catch {
            complain("patterns: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        let io = SocketIOServer()
        try install(on: io, options)
        let frontEnd = FrontEnd.server(options)

        say("patterns                   \(options.url)/")
        say("front end, another origin  \(options.frontEndURL)/")
        try await withThrowingTaskGroup { group in
            group.addTask { try await frontEnd.run(host: options.host, port: options.frontEndPort) }
            group.addTask { try await io.run(host: options.host, port: options.port) }
            // At SIGTERM or Ctrl-C both close; where one cannot listen, the other ends, too.
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Everything that the server does; for tests, too.
    static func install(on io: SocketIOServer, _ options: Options, pace: Pace = .people) throws {
        io.configuration.clientBundle = options.client.bundle
        let frontEnd = options.frontEndPort
        io.configuration.cors = .origins("http://localhost:\(frontEnd)", "http://127.0.0.1:\(frontEnd)")
        io.configuration.recovery = .init(maxDisconnection: .seconds(120))
        if let url = options.redis { io.configuration.adapter = try RedisAdapter(url) }
        let patterns: [any Pattern] = [
            RequestResponse(), ShortPolling(), LongPolling(pace: pace), ServerSentEvents(pace: pace), RawWebSocket(),
            ChatThreeWays(), PublishSubscribe(node: options.node), FeedForAnotherOrigin(), NoticeToAnother(),
            TokenAtTheDoor(), RoomsFromHandlers(), MissedAndRecovered(),
        ]
        for pattern in patterns { pattern.install(on: io) }
        Pages(options).install(on: io.http)
    }
}

/// A way of talking, and what the server does for it.
protocol Pattern: Sendable {
    func install(on io: SocketIOServer)
}
