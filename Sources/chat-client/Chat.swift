import CommandLineOptions
import Foundation

/// Drives a session: brings it what happens, and carries out what it decides.
struct Chat {
    private let inbox = Inbox()
    private let terminal = Terminal()
    private let signals: Signals
    private let conversation: Conversation
    private let input: Input
    private var display: Display
    private var session: Session

    /// How long whoever does not sit there wants to wait for a server.
    private static let patience = Duration.seconds(10)

    init(_ options: Options) {
        let isAttended = isatty(0) == 1
        signals = Signals(terminal, inbox)
        terminal?.enter()
        display = Display(terminal.map { Screen(width: $0.width) })
        session = Session(name: options.name, room: options.room, isAttended: isAttended)
        conversation = Conversation(with: options.url, patience: isAttended ? nil : Self.patience, inbox)
        input = Input(keys: terminal != nil, inbox) { [signals] in signals.interrupt() }
    }

    /// Talks until it is over; the exit code is 0 if everything was sent that was typed.
    mutating func run() async -> Int32 {
        let failure: String?
        do {
            failure = try await talk()
        } catch {
            failure = "the output is closed"
        }
        // Whoever has read it is gone.
        try? display.close()
        terminal?.restore()
        // Nobody is there to hear it.
        if let failure { try? Display.complain("chat-client: \(failure.printable)") }
        await conversation.close()
        return failure == nil ? 0 : 1
    }

    /// Why it is over, if something went wrong.
    private mutating func talk() async throws -> String? {
        if let end = try carryOut(session.start()) { return end.failure }
        for await happening in inbox.happenings {
            inbox.note(happening)
            if let end = try take(happening) { return end.failure }
        }
        return nil
    }

    private struct End {
        let failure: String?
    }

    private mutating func take(_ happening: Inbox.Happening) throws -> End? {
        switch happening {
        case .session(let input): return try carryOut(session.take(input))
        case .key(let byte):
            input.allow()
            return try press(byte)
        case .resized: try resize()
        case .suspended:
            terminal?.leave()
            kill(getpid(), SIGSTOP)
        case .resumed:
            terminal?.enter()
            try resize()
        }
        return nil
    }

    private mutating func resize() throws {
        if let terminal { try display.set(width: terminal.width) }
    }

    private mutating func press(_ byte: UInt8) throws -> End? {
        switch try display.press(byte) {
        case .nothing, .changed: return nil
        case .line(let line): return try carryOut(session.take(.line(line)))
        case .full: try display.warn("-- a line has \(LineEditor.limit) bytes at most: what is typed now is lost")
        case .end: return try carryOut(session.take(.endOfInput))
        case .suspension: signals.suspend()
        }
        return nil
    }

    /// Carries out what the session decides; how it ends, if it does.
    private mutating func carryOut(_ actions: [Session.Action]) throws -> End? {
        for action in actions {
            switch action {
            case .print(let line): try display.print(line)
            case .warn(let line): try display.warn(line)
            case .label(let label): try display.set(label: label)
            case .giveBack(let line): try display.giveBack(line)
            case .connect(let name): conversation.connect(as: name)
            case .limitWait: conversation.limitWait()
            case .ask(let question): conversation.ask(question)
            case .leave(let room): conversation.leave(room)
            case .pause(let seconds): pause(seconds)
            case .readOn: if terminal == nil { input.allow() }
            case .end(let failure): return End(failure: failure)
            }
        }
        return nil
    }

    private func pause(_ seconds: Double) {
        Task { [inbox] in
            try await Task.sleep(for: .seconds(seconds))
            inbox.put(.pauseOver)
        }
    }
}
