internal import NetLoop
internal import SocketIOWire

// Whoever takes the messages may be unable to take more for a while. What the client sends then stays where it is: with
// the kernel, or, over polling, with the client, whose POST is not answered.

extension EngineSession {
    /// Whether the client is read.
    var isReading: Bool { readingHolds.isEmpty }

    /// Stops or resumes reading what the client sends: it is read while nobody holds it. Messages that have arrived already are
    /// still given.
    package func setReading(_ wanted: Bool, because hold: ReadingHolds = .inbox) {
        let wasReading = isReading
        if wanted { readingHolds.remove(hold) } else { readingHolds.insert(hold) }
        let wanted = isReading
        guard wanted != wasReading else { return }
        webSocket?.connection.setReading(wanted)
        guard wanted else { return }
        answerPost()
        advance { [now = shard.now, rules = shard.sessionRules] in
            $0.hearAgain(now: now, rules: rules)
            return []
        }
    }

    /// A WebSocket is the transport from now on.
    func switchReading(to webSocket: WebSocketConnection?) {
        guard !isReading else { return }
        webSocket?.connection.setReading(false)
        answerPost()
    }

    /// A POST has been used: it is answered, or kept open while nothing more is read.
    func acknowledge(_ post: PollingHandles.Request) {
        guard !isReading, machine.holdPost() else { return answer(post) }
        polling?.post = post
    }

    /// Answers the POST that is kept open.
    private func answerPost() {
        guard let post = polling?.post.take() else { return }
        machine.postEnded()
        answer(post)
    }

    private func answer(_ post: PollingHandles.Request) {
        post.connection.respond(
            HTTPResponse(
                fields: [("Content-Type", "text/html"), ("Cache-Control", "no-store")] + corsFields(to: post.origin),
                body: Array("ok".utf8)))
        post.connection.continueInput()
    }
}

/// Why a client is not read.
package struct ReadingHolds: OptionSet {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Whoever takes its messages cannot take more now.
    package static let inbox = ReadingHolds(rawValue: 1)
    /// It has sent more than its rates allow.
    package static let rate = ReadingHolds(rawValue: 2)
}
