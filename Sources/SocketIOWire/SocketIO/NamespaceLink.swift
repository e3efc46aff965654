/// A namespace as a client sees it (Protocol.md 5): wanted or not, asked for, joined; and what recovery needs to know.
///
/// ```
///  idle --want()--> waiting --connection--> preparing --CONNECT sent--> joining --accepted--> joined
///   ^                  ^---------- connection lost ---+-------------------+----------------------+
///   +--- leave(), refused, thrown out ----------------+-------------------|----------------------+
///   |                                                 ^                   | leave()
///   |                                                 | answer            v
///   +<------------------ answer ------------------ returning <--want()-- left
/// ```
/// Between CONNECT and its answer nothing can be sent: servers close a connection that leaves a namespace which it has
/// not joined, or asks for it twice (Protocol.md 4.5). Who leaves then, leaves when the answer is there.
package struct NamespaceLink: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private enum State {
        /// Not wanted: never asked for, left, refused or thrown out.
        case idle
        /// Wanted, but there is no connection.
        case waiting
        /// There is a connection, and what goes with CONNECT is being asked for.
        case preparing
        /// CONNECT is sent, and its answer due by then.
        case joining(until: Instant, isOverdue: Bool)
        case joined
        /// Left, and the answer to CONNECT is still to come.
        case left
        /// Wanted again, and the answer to the CONNECT before is still to come.
        case returning(until: Instant, isOverdue: Bool)
    }

    /// What an answer to CONNECT is for.
    package enum Answer: Equatable, Sendable {
        case joined(isRecovered: Bool)
        case refused
        /// For nobody: the namespace was left. If the server accepted, it is to be told; if the namespace is wanted
        /// again, it is to be asked.
        case late(isWanted: Bool)
    }

    /// What a DISCONNECT of the server ends.
    package enum Ending: Equatable, Sendable {
        case joined
        /// It came instead of an answer to CONNECT.
        case answered(Answer)
        /// Nothing: it crossed our own on its way.
        case nothing
    }

    /// What lets a server with connection state recovery send what was missed.
    private struct Session: Sendable {
        let privateID: String
        /// Of the last event received.
        var offset: String?
    }

    private var state = State.idle
    private var session: Session?
    /// The namespace was left over this connection: what the server sent before it heard of that may still arrive, up
    /// to the answer to the CONNECT after it.
    private var mayCross = false

    package init() {}

    /// Whether nothing of it is left: neither wanted, nor to be answered.
    package var isIdle: Bool {
        switch state {
        case .idle: true
        case .waiting, .preparing, .joining, .joined, .left, .returning: false
        }
    }

    /// Whether it is joined, or will be without anybody asking.
    package var isWanted: Bool {
        switch state {
        case .idle, .left: false
        case .waiting, .preparing, .joining, .joined, .returning: true
        }
    }

    package var isJoined: Bool {
        switch state {
        case .joined: true
        case .idle, .waiting, .preparing, .joining, .left, .returning: false
        }
    }

    /// Whether what goes with CONNECT is being asked for.
    package var isPreparing: Bool {
        switch state {
        case .preparing: true
        case .idle, .waiting, .joining, .joined, .left, .returning: false
        }
    }

    /// Whether events that arrive belong to the session that the answer to CONNECT will name.
    package var takesEarlyEvents: Bool {
        switch state {
        case .joining: !mayCross
        case .idle, .waiting, .preparing, .joined, .left, .returning: false
        }
    }

    /// Whether the answer to CONNECT did not come in time.
    package var isOverdue: Bool {
        switch state {
        case .joining(_, let isOverdue), .returning(_, let isOverdue): isOverdue
        case .idle, .waiting, .preparing, .joined, .left: false
        }
    }

    /// When the answer to CONNECT is due.
    package var deadline: Instant? {
        switch state {
        case .joining(let until, _), .returning(let until, _): until
        case .idle, .waiting, .preparing, .joined, .left: nil
        }
    }

    /// The application wants to join.
    ///
    /// - Parameter timeout: How long an answer that is still to come may take.
    package mutating func want(now: Instant, timeout: Duration) {
        switch state {
        case .idle: state = .waiting
        case .left: state = .returning(until: now.advanced(by: timeout.bounded), isOverdue: false)
        case .waiting, .preparing, .joining, .joined, .returning: break
        }
    }

    /// There is a connection; true if CONNECT is to be prepared.
    package mutating func connectionOpened() -> Bool {
        switch state {
        case .waiting:
            state = .preparing
            return true
        case .idle, .preparing, .joining, .joined, .left, .returning: return false
        }
    }

    /// CONNECT is sent.
    ///
    /// - Parameter mayCross: Whether the namespace was left over this connection, and not joined since.
    package mutating func connectSent(now: Instant, timeout: Duration, mayCross: Bool = false) {
        switch state {
        case .preparing:
            state = .joining(until: now.advanced(by: timeout.bounded), isOverdue: false)
            self.mayCross = mayCross
        case .idle, .waiting, .joining, .joined, .left, .returning: break
        }
    }

    /// True if the answer to CONNECT is late: it is waited for as long again.
    package mutating func handleTimeout(now: Instant, timeout: Duration) -> Bool {
        // A wait of no length would be over within the turn, for ever.
        let next = now.advanced(by: max(timeout, .milliseconds(1)).bounded)
        switch state {
        case .joining(let until, _) where now >= until:
            state = .joining(until: next, isOverdue: true)
            return true
        case .returning(let until, _) where now >= until:
            state = .returning(until: next, isOverdue: true)
            return true
        case .idle, .waiting, .preparing, .joining, .joined, .left, .returning: return false
        }
    }

    /// The connection is gone; true if the namespace was joined.
    package mutating func connectionClosed() -> Bool {
        switch state {
        case .idle, .waiting: return false
        case .left:
            state = .idle
            return false
        case .preparing, .joining, .returning:
            state = .waiting
            return false
        case .joined:
            state = .waiting
            return true
        }
    }

    /// The server answered CONNECT.
    package mutating func receiveConnected(_ reply: ConnectReply) throws(ProtocolViolation) -> Answer {
        guard let answer = answer(.joined) else { throw ProtocolViolation(.unexpected, "an answer to no CONNECT") }
        guard case .joined = answer else { return answer }
        let isRecovered = reply.privateID != nil && reply.privateID == session?.privateID
        if !isRecovered { session = reply.privateID.map { Session(privateID: $0) } }
        return .joined(isRecovered: isRecovered)
    }

    /// The server refused.
    package mutating func receiveRefusal() throws(ProtocolViolation) -> Answer {
        guard let answer = answer(.idle) else { throw ProtocolViolation(.unexpected, "a refusal of no CONNECT") }
        return answer
    }

    private mutating func answer(_ next: State) -> Answer? {
        switch state {
        case .joining:
            state = next
            if case .joined = next { return .joined(isRecovered: false) }
            return .refused
        case .left:
            state = .idle
            return .late(isWanted: false)
        case .returning:
            state = .preparing
            return .late(isWanted: true)
        case .idle, .waiting, .preparing, .joined: return nil
        }
    }

    /// The server sent DISCONNECT.
    package mutating func receiveDisconnect() -> Ending {
        switch state {
        case .joined:
            state = .idle
            return .joined
        case .joining, .left, .returning:
            if mayCross {
                mayCross = false
                return .nothing
            }
            return answer(.idle).map { .answered($0) } ?? .nothing
        case .idle, .waiting, .preparing: return .nothing
        }
    }

    /// The application leaves; true if DISCONNECT is to be sent.
    package mutating func leave() -> Bool {
        switch state {
        case .joined:
            state = .idle
            return true
        case .joining, .returning:
            state = .left
            return false
        case .idle, .waiting, .preparing:
            state = .idle
            return false
        case .left: return false
        }
    }

    // MARK: Recovery

    /// Whether offsets are of use: what every event asks.
    package var recordsOffsets: Bool { session != nil }

    /// An event arrived whose last argument is this text.
    package mutating func note(offset: String) {
        session?.offset = offset
    }

    /// Writes the payload of CONNECT: what recovery needs, and the members of `auth`: a JSON object
    /// as our encoder writes it, or empty.
    package func appendConnectPayload(auth: [UInt8], to writer: ByteWriter) {
        guard let session else { return writer.append(auth) }
        writer.append("{\"pid\":")
        writer.append(json: session.privateID)
        if let offset = session.offset {
            writer.append(",\"offset\":")
            writer.append(json: offset)
        }
        // The application's own members come last and win, as in the official client.
        let members = auth.dropFirst()
        guard let first = members.first, first != UInt8(ascii: "}") else { return writer.append("}") }
        writer.append(",")
        writer.append(members)
    }
}
