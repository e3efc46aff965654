import ChatEvents
import CommandLineOptions

/// One person's part in the chat: what is shown, what is asked of the server, what waits, and when it is over.
///
/// It knows no terminal, no socket and no clock: what happens goes in, what is to be done comes out.
struct Session {
    /// What happens.
    enum Input: Sendable {
        /// Somebody typed a line, or the next one was read.
        case line(String)
        /// A line was read that is longer than `LineSplitter.limit`.
        case lineTooLong
        /// Nothing more will be typed.
        case endOfInput
        /// Nobody wants to wait any longer.
        case interruption
        /// The namespace is joined.
        case connected
        /// An attempt to connect failed; the next one follows by itself.
        case attemptFailed(String)
        /// The connection is lost, and made again by itself.
        case connectionLost(String)
        /// The server has put us out: there is no connection before somebody asks for one.
        case putOut
        /// The server's middleware said no.
        case refused(String)
        /// Nothing is tried any more.
        case gaveUp(String)
        case news(News)
        /// More news came than was taken in time; some is left out.
        case newsMissed
        case answer(Answer)
        /// The pause is over that `Action.pause` asked for.
        case pauseOver
    }

    /// What the server is asked.
    enum Question: Equatable, Sendable {
        case join(String, since: Int)
        case say(room: String, String)
        case whisper(to: String, String)
    }

    enum Answer: Sendable {
        case entry(JoinReply)
        case receipt(Receipt)
        /// Nobody knows whether the server got the question; `connectionLost` says why.
        case none(String, connectionLost: Bool)
        /// There was no connection to ask on.
        case notSent
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Show what happens in the chat.
        case print(String)
        /// Show what goes wrong.
        case warn(String)
        /// Show where one is.
        case label(String)
        /// Join the namespace by this name; leave it before if need be.
        case connect(name: String)
        /// Give the connection that is being made again no more time than the first one had.
        case limitWait
        case ask(Question)
        case leave(room: String)
        /// `pauseOver` after so many seconds.
        case pause(Double)
        /// Read another line.
        case readOn
        /// What was typed is to be typed otherwise.
        case giveBack(String)
        /// It is over; with what went wrong, if anything did.
        case end(failure: String?)
    }

    enum Link: Equatable {
        /// Under way, for the first time or again.
        case connecting
        /// The namespace is joined; the room is not entered yet.
        case connected
        /// What is typed goes to the server.
        case inRoom
        /// The server does not let us into the room: another one may do.
        case inNoRoom
        /// The server does not have us: somebody has to ask for it.
        case out
        /// All is over.
        case ended
    }

    /// Whose turn it is: one question is under way at a time, so that what is typed arrives in order.
    enum Turn: Equatable {
        case free
        /// The answer is awaited. Without an entry the question is our own: to enter the room.
        case asked(Question, Outbox.Entry?)
        /// The same, but the connection went first: an answer will not come, only the word that there is none.
        case orphaned(Outbox.Entry?)
        /// It came too soon, and is asked again.
        case paused(Question, Outbox.Entry?)
    }

    /// Somebody types and sees what comes of it. Otherwise lines are read, and whoever wants to know looks at the exit
    /// code: then each is done in its turn, nothing is tried for ever, and what fails counts.
    let isAttended: Bool
    var name: String
    /// The name to go back to if the server refuses the one that was asked for.
    var formerName: String?
    var room: RoomView
    var rooms = Names()
    var roomsNumber = 0
    var link = Link.connecting
    var turn = Turn.free
    /// News of rooms that we are not in, while one of them is being entered.
    var held = HeldNews()
    var outbox = Outbox()
    var hasEnded = false
    var hasFailed = false
    /// How often in a row what is next was put off by the server, or, in a script, the connection was lost.
    var setbacks = 0
    /// After so many of them a server is not believed any more that the next time will do.
    static let setbacksLimit = 20
    var wasConnected = false
    /// What was said last of what may go on for ever: it is said once.
    var lastTrouble: String?

    init(name: String, room: String, isAttended: Bool) {
        self.name = name
        self.room = RoomView(room)
        self.isAttended = isAttended
    }

    func start() -> [Action] {
        [.print("connecting to the chat as \(name.isolated); /help lists what there is"), .connect(name: name)]
    }

    mutating func take(_ input: Input) -> [Action] {
        guard link != .ended else { return [] }
        let actions = react(to: input)
        return actions + advance()
    }

    private mutating func react(to input: Input) -> [Action] {
        switch input {
        case .line(let line): type(line)
        case .lineTooLong: refuseLongLine()
        case .endOfInput: leaveInTurn()
        case .interruption: end()
        case .connected: connected()
        case .attemptFailed(let words): attemptFailed(words)
        case .connectionLost(let words): connectionLost(words)
        case .putOut: putOut()
        case .refused(let words): refused(words)
        case .gaveUp(let words): end(because: words)
        case .news(let news): hear(news)
        case .newsMissed: [Self.missed]
        case .answer(let answer): takeAnswer(answer)
        case .pauseOver: askAgain()
        }
    }

    // MARK: The turn

    /// Does what is next, as far as it can be done now.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        while !isDone {
            guard turn == .free else { return actions }
            switch link {
            case .connecting, .out, .ended: return actions
            case .connected: actions += ask(.join(room.name, since: room.since), for: nil)
            case .inRoom, .inNoRoom:
                guard let entry = outbox.popFirst() else { return actions }
                actions += perform(entry)
            }
        }
        return actions + end()
    }

    mutating func ask(_ question: Question, for entry: Outbox.Entry?) -> [Action] {
        turn = .asked(question, entry)
        held = HeldNews()
        return [.ask(question)]
    }

    /// An entry is done with.
    mutating func finish(_ entry: Outbox.Entry?) -> [Action] {
        turn = .free
        // To come back into the room brings what waits no further.
        if entry != nil || outbox.isEmpty { setbacks = 0 }
        return entry == nil || isAttended ? [] : [.readOn]
    }

    // MARK: The end

    /// What was typed and is not known to have arrived.
    private var unsent: Int {
        switch turn {
        case .free, .asked(_, nil), .orphaned(nil), .paused(_, nil): outbox.count
        case .asked, .orphaned, .paused: outbox.count + 1
        }
    }

    private var isDone: Bool { hasEnded && unsent == 0 && link != .ended }

    /// Leaves once what was typed before is sent; at once if that was asked for already, or will never be.
    mutating func leaveInTurn() -> [Action] {
        guard !hasEnded, link != .out else { return end() }
        hasEnded = true
        return isAttended && !isDone ? [.print("-- leaving once all is sent; Ctrl-C waits for nothing")] : []
    }

    mutating func end(because words: String? = nil) -> [Action] {
        let left = unsent
        link = .ended
        let missing = left == 0 ? nil : left == 1 ? "1 line was not sent" : "\(left) lines were not sent"
        let failures = [words?.isolated, missing].compactMap { $0 }
        if failures.isEmpty { return [.end(failure: hasFailed ? "not everything was sent" : nil)] }
        return [.end(failure: failures.joined(separator: "; "))]
    }
}
