internal import NetLoop
internal import SocketIOWire

// Whoever takes the messages may be unable to take more for a while. What the client sends then stays where it is: with
// the kernel, or, over polling, with the client, whose POST is not answered.

extension EngineSession {
    /// Stops or resumes reading what the client sends. Messages that have arrived already are still given.
    package func setReading(_ wanted: Bool) {
        guard wanted != isReading else { return }
        isReading = wanted
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
