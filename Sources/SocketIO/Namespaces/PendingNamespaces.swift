internal import NetLoop
internal import SocketIOEvents

/// A namespace that a client has asked for, whose CONNECT waits for something that takes its time. Lives on the session's
/// loop.
protocol PendingNamespace: AnyObject {
    var name: [UInt8] { get }
    /// Nobody waits for it any more.
    func abandon()
}

/// Those of one session.
final class PendingNamespaces {
    private var pending: [[UInt8]: any PendingNamespace] = [:]

    var count: Int { pending.count }

    func append(_ namespace: any PendingNamespace) {
        pending[namespace.name] = namespace
    }

    /// It is decided: false if nobody waits for it any more.
    func end(_ namespace: any PendingNamespace) -> Bool {
        guard pending[namespace.name] === namespace else { return false }
        pending[namespace.name] = nil
        return true
    }

    /// The client asks anew.
    func abandon(_ name: Span<UInt8>) {
        guard !pending.isEmpty else { return }
        pending.removeValue(forKey: name.count == 0 ? [UInt8(ascii: "/")] : Array(name))?.abandon()
    }

    /// The session is over.
    func abandonAll() {
        let all = pending
        pending = [:]
        for namespace in all.values { namespace.abandon() }
    }
}

/// One that an asynchronous matcher decides about.
final class NamespaceDecision: PendingNamespace, TimerTarget {
    let name: [UInt8]
    let auth: [UInt8]
    private let session: SessionSockets
    private let admission: Admission
    private var timer: TimerID?

    init(_ name: [UInt8], auth: [UInt8], of session: SessionSockets) {
        self.name = name
        self.auth = auth
        self.session = session
        admission = Admission(in: session)
    }

    private var loop: EventLoop { session.session.loop }

    func begin(
        _ matchers: ArraySlice<NamespaceMatcher>, _ handshake: Handshake, until deadline: ContinuousClock.Instant
    ) {
        timer = loop.schedule(self, at: deadline)
        let bound = LoopBound(self, on: loop)
        let words = String(decoding: name, as: UTF8.self)
        let task = loop.startTask {
            for matcher in matchers {
                do {
                    let accepts =
                        switch matcher.decision {
                        case .pattern(let matches): matches(words)
                        case .immediate(let decide): try decide(words, handshake)
                        case .asynchronous(let decide): try await decide(words, handshake)
                        }
                    if accepts { return bound.value.end(matcher) }
                } catch {
                    bound.value.report(error, of: words)
                }
            }
            bound.value.end(nil)
        }
        admission.began(task)
    }

    private func report(_ error: any Error, of namespace: String) {
        session.report(error, of: namespace)
    }

    private func end(_ matcher: NamespaceMatcher?) {
        stopTimer()
        admission.end()
        session.decided(self, matcher)
    }

    func abandon() {
        stopTimer()
        admission.abandon()
        admission.cancel()
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        admission.abandon()
        session.decidedTooLate(self)
        admission.cancel()
    }
}
