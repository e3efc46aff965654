import CommandLineOptions
import ExamplePages
import Foundation
import SocketIO

/// A chat with rooms, private messages and an admin page: the tour of the library.
///
/// `Conversation` has the handlers, `ChatState` decides what they do, `NewsDelivery` tells others, `Administration` is a
/// namespace behind a password, and `Page/` is the browser's side.
@main
struct ChatServer {
    static func main() async {
        do {
            let options = try Options(
                CommandLine.arguments.dropFirst(), environment: ProcessInfo.processInfo.environment)
            if options.wantsHelp {
                print(Options.usage)
            } else {
                try await run(options)
            }
        } catch let error as UsageError {
            complain("\(error)\n\n\(Options.usage)")
            exit(2)
        } catch {
            complain("chat: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        let io = SocketIOServer()
        let news = try install(on: io, options)

        say("chat   \(options.url)/")
        say("admin  \(options.url)/admin  password: \(options.passwordNote)")
        try await withThrowingTaskGroup { group in
            group.addTask { await news.run() }
            if let host = options.host {
                try await io.run(host: host, port: options.port)
            } else {
                try await io.run(port: options.port)
            }
            // At SIGTERM or Ctrl-C the server has closed.
            group.cancelAll()
        }
    }

    /// Everything that the server does; for tests, too.
    static func install(on io: SocketIOServer, _ options: Options) throws(Refusal) -> NewsDelivery {
        io.configuration.clientBundle = options.client.bundle
        io.configuration.trustedProxies = options.trustedProxies
        var rooms: [Name] = []
        for name in ["lobby", "swift", "random"] { rooms.append(try Name(name, of: .room)) }
        // The time of day in milliseconds is greater than any number of an earlier run.
        let firstNumber = Int(Date().timeIntervalSince1970 * 1000)
        let chat = Chat(ChatState(rooms: rooms, firstNumber: firstNumber, messageRate: options.messageRate))
        Conversation(io: io, chat: chat).install()
        Administration(io: io, chat: chat, password: options.adminPassword).install()
        Pages(client: options.client).install(on: io.http)
        return NewsDelivery(io: io, chat: chat)
    }
}
