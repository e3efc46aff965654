import CommandLineOptions
import SocketIO

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A chat with rooms, private messages and an admin page: the tour of the library.
@main
struct ChatServer {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.wantsHelp {
                print(Options.usage)
            } else {
                try await run(options)
            }
        } catch let error as UsageError {
            print("\(error)\n\n\(Options.usage)")
            exit(2)
        } catch {
            print("chat: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        let io = SocketIOServer()
        if let folder = options.clientBundle {
            io.configuration.clientBundle = .folder(folder)
        }

        let rooms = ChatRooms()
        let visitors = Visitors()
        Conversation(io: io, rooms: rooms, visitors: visitors).install()
        Administration(io: io, rooms: rooms, visitors: visitors, password: options.adminPassword).install()
        Pages.install(on: io.http)

        let address = try await io.listen(host: options.host, port: options.port)
        print("chat   http://localhost:\(address.port)/")
        print("admin  http://localhost:\(address.port)/admin  password: \(options.adminPassword)")
        await io.waitUntilClosed()
    }
}
