import CommandLineOptions

// The connection: how it comes and goes.

extension Session {
    mutating func connected() -> [Action] {
        let isRenamed = formerName != nil
        formerName = nil
        lastTrouble = nil
        link = .connected
        defer { wasConnected = true }
        let words = isRenamed ? "-- you are \(name.isolated)" : wasConnected ? "-- connected again" : nil
        return words.map { [.print($0)] } ?? []
    }

    mutating func attemptFailed(_ words: String) -> [Action] {
        guard words != lastTrouble else { return [] }
        lastTrouble = words
        return [.warn("-- cannot connect: \(words.isolated); trying again")]
    }

    mutating func connectionLost(_ words: String) -> [Action] {
        lose()
        link = .connecting
        let warning = Action.warn("-- connection lost: \(words.isolated); connecting again…")
        guard !isAttended else { return [warning] }
        setbacks += 1
        guard setbacks < Self.setbacksLimit else { return end(because: "the connection is lost each time: \(words)") }
        return [warning, .limitWait]
    }

    mutating func putOut() -> [Action] {
        lose()
        link = .out
        // What waits will never be sent.
        guard isAttended, !hasEnded else { return end(because: "the server has put us out") }
        return [.warn("-- the server has put you out: /connect comes back, /quit leaves")]
    }

    mutating func refused(_ words: String) -> [Action] {
        lose()
        if let former = formerName {
            formerName = nil
            name = former
            if !isAttended { hasFailed = true }
            return [.warn("-- \(words.isolated)"), .connect(name: former)]
        }
        link = .out
        guard isAttended, !hasEnded else { return end(because: words) }
        return [
            .warn("-- \(words.isolated)"),
            .print("-- /nick NAME comes in by another name, /connect by this one, /quit leaves"),
        ]
    }

    /// What was asked of the connection that is gone.
    mutating func lose() {
        switch turn {
        case .free, .orphaned: break
        case .asked(_, let entry): turn = .orphaned(entry)
        case .paused(_, let entry):
            turn = .free
            if let entry { outbox.putBack(entry) }
        }
    }
}
