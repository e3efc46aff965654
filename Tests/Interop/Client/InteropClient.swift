import SocketIOClient

/// Talks to a server, and says how it went: `pass NAME`, or `fail NAME: WHY`.
///
/// usage: interop-client URL TRANSPORT[+msgpack] checks|states|restart|once [FILE]
///
/// TRANSPORT is polling, websocket or upgrade; FILE is a PEM file with roots to trust as well.
@main
struct InteropClient {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard (3...4).contains(arguments.count) else {
            return print("usage: interop-client URL TRANSPORT[+msgpack] checks|states|restart|once [FILE]")
        }
        let words = arguments[1].split(separator: "+")
        let makeManager = { @Sendable (change: (inout ClientManager.Configuration) -> Void) in
            ClientManager(url: arguments[0]) { configuration in
                switch words.first {
                case "polling": configuration.transports = [.polling]
                case "websocket": configuration.transports = [.webSocket]
                default: break
                }
                if words.last == "msgpack" { configuration.parser = .msgpack }
                if arguments.count == 4 { configuration.tls.extraRoots = arguments[3] }
                configuration.reconnection.delay = .milliseconds(100)
                configuration.reconnection.maximumDelay = .milliseconds(500)
                change(&configuration)
            }
        }
        let manager = makeManager { if arguments[2] == "once" { $0.reconnection = .off } }
        switch arguments[2] {
        case "restart": await restart(manager)
        case "once": await once(manager)
        case "states": await StateChecks(makeManager: makeManager).run()
        default: await Checks(manager: manager).run()
        }
        await manager.close()
        print("end")
    }

    /// Says how one attempt to connect went.
    private static func once(_ manager: ClientManager) async {
        do throws(ClientError) {
            try await manager.socket(auth: ["token": "good"]).connect()
            say("connected")
        } catch {
            say("failed: \(error)")
        }
    }

    /// Waits for the server to go and to come back, twice, with events emitted in between.
    private static func restart(_ manager: ClientManager) async {
        let socket = manager.socket(auth: ["token": "good"])
        let (life, continuation) = AsyncStream<String>.makeStream()
        socket.onConnect { continuation.yield("connected") }
        socket.onDisconnect { reason in continuation.yield("disconnected \(reason)") }
        socket.open()
        var count = 0
        for await line in life {
            if line == "connected" {
                count += 1
                let reply: String? = try? await socket.emitWithAck("echo", "number \(count)")
                say("connected \(reply ?? "without an answer")")
                if count == 3 { return }
            } else {
                say(line)
                socket.emit("kept", count)
            }
        }
    }
}

/// Prints a line at once.
func say(_ line: String) {
    print(line)
    flushOutput()
}
