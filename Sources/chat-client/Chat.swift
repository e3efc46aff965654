import ChatEvents
import SocketIOClient
import Synchronization

/// One person in the chat: shows what happens, and does what is typed.
final class Chat: Sendable {
    private struct State {
        var name: String
        var room: String
        var rooms: [String] = []
        var people: Set<String> = []
        /// Of `people`, when the room was entered.
        var number = 0
    }

    private let manager: ClientManager
    private let socket: ClientSocket
    private let terminal: Terminal
    /// With it the name can be used again after a lost connection.
    private let key = String((0..<24).compactMap { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() })
    private let state: Mutex<State>

    init(_ options: Options, on terminal: Terminal) {
        self.terminal = terminal
        manager = ClientManager(url: options.url)
        socket = manager.socket(auth: Login(name: options.name, key: key))
        state = Mutex(State(name: options.name, room: options.room))
    }

    /// Talks until `/quit`, the end of the input, or Ctrl-C, which waits for nothing.
    func run() async throws {
        listen()
        terminal.print("connecting to the chat as \(state.withLock { $0.name }); /help lists what there is")
        let result = await withTaskGroup(of: Result<Void, ClientError>.self) { group in
            group.addTask { await self.talk() }
            group.addTask { [terminal] in
                for await _ in terminal.interruption {}
                return .success(())
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        await manager.close()
        try result?.get()
    }

    private func talk() async -> Result<Void, ClientError> {
        do throws(ClientError) {
            try await socket.connect()
        } catch {
            return .failure(error)
        }
        for await line in terminal.lines {
            guard await obey(Command(line)) else { break }
        }
        return .success(())
    }

    // MARK: What happens

    private func listen() {
        socket.onConnect { [self] in await enter(state.withLock { $0.room }) }
        socket.onDisconnect { [self] reason in
            if socket.isActive { terminal.print("-- connection lost (\(reason)); connecting again…") }
        }
        manager.onReconnect { [terminal] attempt in terminal.print("-- connected again, attempt \(attempt)") }
        socket.on(.message) { [self] message in
            if message.room == state.withLock({ $0.room }) { show(message) }
        }
        socket.on(.whisper) { [self] message in
            let isMine = message.from == state.withLock { $0.name }
            let who = isMine ? "to \(message.to ?? "")" : "from \(message.from)"
            terminal.print("[\(who.printable)] \(message.text.printable)")
        }
        socket.on(.welcome) { [self] welcome in
            state.withLock { state in
                state.name = welcome.name
                state.rooms = welcome.rooms
            }
        }
        socket.on(.rooms) { [self] change in
            state.withLock { state in
                state.rooms.removeAll { change.removed.contains($0) }
                state.rooms += change.added.filter { !state.rooms.contains($0) }
            }
        }
        socket.on(.people) { [self] change in
            let (came, went) = state.withLock { state -> ([String], [String]) in
                guard state.room == change.room, change.number > state.number else { return ([], []) }
                return (
                    change.came.filter { state.people.insert($0).inserted },
                    change.went.filter { state.people.remove($0) != nil }
                )
            }
            for name in came { terminal.print("-- \(name.printable) is here") }
            for name in went { terminal.print("-- \(name.printable) has left") }
        }
        socket.on(.announcement) { [terminal] said in terminal.print("** \(said.text.printable)") }
        socket.on(.removed) { [terminal] reason in terminal.print("-- \(reason.printable)") }
    }

    private func show(_ message: Message) {
        terminal.print("\(message.from.printable): \(message.text.printable)")
    }

    // MARK: What is typed

    /// Carries out a command; false if it is the last one.
    private func obey(_ command: Command) async -> Bool {
        switch command {
        case .nothing: break
        case .quit: return false
        case .help: terminal.print(Command.summary)
        case .invalid(let advice): terminal.print("-- \(advice)")
        case .who:
            terminal.print("-- here: \(state.withLock { $0.people }.sorted().map(\.printable).joined(separator: ", "))")
        case .rooms: terminal.print("-- rooms: \(state.withLock { $0.rooms }.map(\.printable).joined(separator: ", "))")
        case .say(let text):
            let room = state.withLock { $0.room }
            await ask { [socket] () async throws(AckError) in try await socket.emitWithAck(.say, room, text) }
        case .message(let name, let text):
            await ask { [socket] () async throws(AckError) in try await socket.emitWithAck(.sayInPrivate, name, text) }
        case .join(let room):
            let old = state.withLock { $0.room }
            if await enter(room), old != room { socket.emit(.leave, old) }
        case .nick(let name): await rename(name)
        }
        return true
    }

    private func ask(_ request: () async throws(AckError) -> Receipt) async {
        do {
            if let error = try await request().error { terminal.print("-- \(error.printable)") }
        } catch {
            terminal.print("-- not sent: \(error)")
        }
    }

    /// Goes into a room; false if that is not possible.
    @discardableResult
    private func enter(_ room: String) async -> Bool {
        do {
            let reply = try await socket.emitWithAck(.join, room, 0)
            if let error = reply.error {
                terminal.print("-- \(error.printable)")
                return false
            }
            state.withLock { state in
                state.room = reply.room
                state.people = Set(reply.people)
                state.number = reply.number
            }
            terminal.print(
                "-- \(reply.room.printable): \(reply.people.sorted().map(\.printable).joined(separator: ", "))")
            for message in reply.messages.suffix(10) { show(message) }
            terminal.setPrompt("\(reply.room.printable)> ")
            return true
        } catch {
            terminal.print("-- cannot enter \(room.printable): \(error)")
            return false
        }
    }

    /// A name belongs to a connection to the namespace: another name is another one.
    private func rename(_ name: String) async {
        let old = state.withLock { $0.name }
        for attempt in [name, old] {
            socket.disconnect()
            socket.setAuth(Login(name: attempt, key: key))
            // Before the connection, because messages may come with it.
            state.withLock { $0.name = attempt }
            do {
                try await socket.connect()
                return terminal.print("-- you are \(attempt.printable)")
            } catch {
                terminal.print("-- \(error)")
            }
        }
    }
}
