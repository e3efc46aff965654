internal import NetLoop
internal import SocketIOWire

/// Keeps a node in its directory for as long as its server listens. Lives on one loop.
final class NodeRegistration {
    private let node: ServerNode
    private let address: String
    private let lifetime: Duration
    private let loop: EventLoop
    private var timer: TimerID?
    private var isAsking = false
    private var isOver = false
    /// Called once the directory has answered, or has had its time.
    private var begun: (() -> Void)?

    private init(_ node: ServerNode, at address: String, lifetime: Duration, on loop: EventLoop) {
        self.node = node
        self.address = address
        self.lifetime = max(lifetime.bounded, .milliseconds(30))
        self.loop = loop
    }

    /// Returns once other nodes can find this one, or the directory has had its time.
    static func begin(
        _ node: ServerNode, at address: String, lifetime: Duration, on loop: EventLoop
    ) async -> LoopBound<NodeRegistration> {
        await withCheckedContinuation { continuation in
            loop.post(
                Beginning(node: node, address: address, lifetime: lifetime) { continuation.resume(returning: $0) })
        }
    }

    private struct Beginning: LoopMessage {
        let node: ServerNode
        let address: String
        let lifetime: Duration
        let completion: @Sendable (LoopBound<NodeRegistration>) -> Void

        func deliver(on loop: EventLoop) {
            let registration = NodeRegistration(node, at: address, lifetime: lifetime, on: loop)
            let bound = LoopBound(registration, on: loop)
            registration.begun = { [completion] in completion(bound) }
            registration.renew(within: NodeExchange.findTime)
        }
    }

    /// - Parameter limit: When to look at it again at the latest.
    private func renew(within limit: Duration? = nil) {
        timer = loop.schedule(self, after: min(lifetime / 3, limit ?? lifetime))
        // A directory that takes its time is not asked again and again.
        guard !isAsking else { return }
        isAsking = true
        let registration = LoopBound(self, on: loop)
        loop.start { [node, address, lifetime, loop] in
            do {
                try await node.directory.register(node.tag.description, at: address, for: lifetime)
            } catch {
                node.log.unregistered.note("\(error)", on: loop)
            }
            registration.value.asked()
        }
    }

    private func asked() {
        isAsking = false
        begun.take()?()
    }

    /// The server closes: others need not find out by themselves.
    func end() {
        guard !isOver else { return }
        isOver = true
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.start { [node] in
            // Who is not told forgets it when its time is over.
            try? await node.directory.remove(node.tag.description)
        }
    }
}

extension NodeRegistration: TimerTarget {
    func timerFired(now: EventLoop.Instant) {
        timer = nil
        begun.take()?()
        if !isOver { renew() }
    }
}
