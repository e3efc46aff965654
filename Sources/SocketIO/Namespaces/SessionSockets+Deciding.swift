internal import NetLoop
internal import SocketIOWire

// Namespaces that are made as clients ask for them: who decides, and what comes of it.

extension SessionSockets {
    /// Asks `matchers` about a namespace that is not there; the first that says yes has it.
    func decide(_ name: [UInt8], _ matchers: ArraySlice<NamespaceMatcher>, auth: [UInt8]) {
        let words = String(decoding: name, as: UTF8.self)
        let handshake = Handshake(of: session, auth: auth)
        for index in matchers.indices {
            let isAccepted: Bool
            do {
                switch matchers[index].decision {
                case .pattern(let matches): isAccepted = matches(words)
                case .immediate(let decide): isAccepted = try decide(words, handshake)
                case .asynchronous: return begin(name, matchers[index...], handshake, auth: auth)
                }
            } catch {
                report(error, of: words)
                guard session.isOpen else { return }
                continue
            }
            // Whoever was asked may have ended the session.
            guard session.isOpen else { return }
            if isAccepted { return enter(name, letInBy: matchers[index], auth: auth) }
        }
        refuse(name, message: "Invalid namespace")
    }

    private func begin(
        _ name: [UInt8], _ matchers: ArraySlice<NamespaceMatcher>, _ handshake: Handshake, auth: [UInt8]
    ) {
        let decision = NamespaceDecision(name, auth: auth, of: self)
        madeDecisions.append(decision)
        decision.begin(
            matchers, handshake, until: session.loop.now.advanced(by: shard.connectTimeout.bounded))
    }

    var madeDecisions: PendingNamespaces {
        let made = decisions ?? PendingNamespaces()
        decisions = made
        return made
    }

    /// The matchers have decided; what they say about a namespace that nobody waits for any more is not heard.
    func decided(_ decision: NamespaceDecision, _ matcher: NamespaceMatcher?) {
        guard decisions?.end(decision) == true else { return }
        if let matcher {
            enter(decision.name, letInBy: matcher, auth: decision.auth)
        } else {
            refuse(decision.name, message: "Invalid namespace")
        }
        leaveMainAlone()
    }

    func decidedTooLate(_ decision: NamespaceDecision) {
        guard decisions?.end(decision) == true else { return }
        refuse(decision.name, message: "Not decided in time")
        leaveMainAlone()
    }

    private func enter(_ name: [UInt8], letInBy matcher: NamespaceMatcher, auth: [UInt8]) {
        guard let namespace = shard.context.enter(name, letInBy: matcher) else {
            refuse(name, message: "Too many namespaces")
            return shard.log.tooManyNamespaces.note(on: session.loop)
        }
        // Whoever heard of a new one may have ended the session.
        guard session.isOpen else { return shard.context.leave(namespace) }
        begin(in: namespace, auth: auth)
    }

    private func refuse(_ name: [UInt8], message: String) {
        refuse(name.span, message: message, data: [])
    }

    /// Somebody who decides failed.
    func report(_ error: any Error, of namespace: String) {
        shard.log.failedMatcher.note("\(namespace): \(error)", on: session.loop)
    }
}
