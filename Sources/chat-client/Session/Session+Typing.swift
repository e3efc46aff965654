// What is typed.

extension Session {
    mutating func type(_ line: String) -> [Action] {
        let command = Command(line)
        guard isAttended else { return queue(command, line) }
        let actions: [Action] =
            switch command {
            case .nothing, .who, .rooms, .help: show(command)
            case .invalid: show(command) + [.giveBack(line)]
            case .quit: leaveInTurn()
            case .connect: connectAgain()
            case .nick(let name) where link == .connecting || link == .out: connect(as: name)
            case .say, .join, .nick, .message: queue(command, line)
            }
        return [.readOn] + actions
    }

    private mutating func queue(_ command: Command, _ line: String) -> [Action] {
        guard outbox.append(Outbox.Entry(command: command, line: line)) else {
            let warning = Action.warn("-- not kept, because as much waits already as may: \(line.clipped(to: 60))")
            guard !isAttended else { return [warning, .giveBack(line)] }
            hasFailed = true
            return [warning, .readOn]
        }
        guard isAttended, link != .inRoom, link != .inNoRoom else { return [] }
        return [.print("-- kept until the server is there: \(line.clipped(to: 60))")]
    }

    /// Does what was typed, now that it is its turn.
    mutating func perform(_ entry: Outbox.Entry) -> [Action] {
        switch entry.command {
        case .say(let text):
            guard link == .inRoom else { return refuse(entry, "you are in no room: write /join ROOM") }
            return ask(.say(room: room.name, text), for: entry)
        case .message(let name, let text): return ask(.whisper(to: name, text), for: entry)
        case .join(let name): return ask(.join(name, since: 0), for: entry)
        case .nick(let name): return finish(entry) + connect(as: name)
        case .nothing, .who, .rooms, .help, .invalid: return show(entry.command) + finish(entry)
        case .connect: return finish(entry)
        case .quit:
            hasEnded = true
            return finish(entry)
        }
    }

    /// Answers what needs no server.
    private mutating func show(_ command: Command) -> [Action] {
        switch command {
        case .help: return Command.summary.split(separator: "\n").map { .print(String($0)) }
        case .who: return [.print("-- here: \(room.people.list)")]
        case .rooms: return [.print("-- rooms: \(rooms.list)")]
        case .invalid(let advice):
            if !isAttended { hasFailed = true }
            return [.warn("-- \(advice)")]
        case .say, .join, .nick, .message, .connect, .quit, .nothing: return []
        }
    }

    mutating func refuseLongLine() -> [Action] {
        hasFailed = true
        return [.warn("-- a line of more than \(LineSplitter.limit) bytes was left out"), .readOn]
    }

    /// What was typed cannot be done as it is.
    mutating func refuse(_ entry: Outbox.Entry, _ words: String) -> [Action] {
        let warning = Action.warn("-- \(words)")
        guard isAttended else {
            hasFailed = true
            return [warning] + finish(entry)
        }
        return [warning, .giveBack(entry.line)] + finish(entry)
    }

    private mutating func connectAgain() -> [Action] {
        guard link == .out else { return [.print("-- you are not out: nothing to do")] }
        return connect(as: name)
    }

    /// A name belongs to a connection to the namespace: another name is another one.
    mutating func connect(as other: String) -> [Action] {
        if wasConnected, link != .out, formerName == nil { formerName = name }
        name = other
        link = .connecting
        lastTrouble = nil
        lose()
        return [.connect(name: other)]
    }
}
