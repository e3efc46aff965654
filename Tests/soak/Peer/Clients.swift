import SocketIOClient
import Synchronization

/// Clients that say something again and again until it is acknowledged, and tell what they hear:
///
/// - `client C new|back`: it is connected, as somebody new or as who it was.
/// - `said W N A`: the attempt `A` to say `N` is acknowledged to `W`.
/// - `heard C W N A PLACE`: it has heard that, which stands there in the stream; `-` for what its node has sent at once.
///
/// They stop talking with a line on standard input; with the next, one of them says something more, and with the last, they
/// end.
func runClients(of url: String, _ count: Int) async throws {
    let clients = (0..<count).map { TalkingClient($0, url) }
    for client in clients { client.connect() }
    let talkers = clients.map { client in
        Task {
            while !Task.isCancelled { await client.say() }
        }
    }
    _ = readLine()
    for talker in talkers { talker.cancel() }
    for talker in talkers { await talker.value }
    for number in 1... {
        write("silent \(number)")
        guard readLine() == "more" else { break }
        await clients[0].say()
    }
    for client in clients { await client.close() }
    write("end")
    _ = readLine()
}

private final class TalkingClient: Sendable {
    private let number: Int
    private let manager: ClientManager
    private let socket: ClientSocket
    private let next = Atomic<Int>(0)

    init(_ number: Int, _ url: String) {
        self.number = number
        manager = ClientManager(url: url) { configuration in
            // Each third of a kind: what polls is passed on between nodes.
            configuration.transports = [[.polling, .webSocket], [.webSocket], [.polling]][number % 3]
            configuration.reconnection.delay = .milliseconds(50)
            configuration.reconnection.maximumDelay = .milliseconds(500)
            configuration.connectTimeout = .seconds(5)
        }
        socket = manager.socket()
        socket.onConnect { [socket] in
            write("client \(number) \(socket.isRecovered ? "back" : "new")")
        }
        socket.on("said") { (writer: Int, what: Int, attempt: Int, place: String?) in
            write("heard \(number) \(writer) \(what) \(attempt) \(place ?? "-")")
        }
    }

    func connect() { socket.open() }

    func close() async { await manager.close() }

    /// Says the next thing, until it is acknowledged.
    func say() async {
        let what = next.wrappingAdd(1, ordering: .relaxed).oldValue
        for attempt in 1... {
            let answer: Int? = try? await socket.emitWithAck("say", number, what, attempt, timeout: .seconds(4))
            if answer == what {
                write("said \(number) \(what) \(attempt)")
                break
            }
            // What is not acknowledged by then may be lost.
            if Task.isCancelled { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
        try? await Task.sleep(for: .milliseconds(Int.random(in: 100...300)))
    }
}
