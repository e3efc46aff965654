/// A namespace as a client sees it (Protocol.md 5): wanted or not, asked for, joined; and what recovery needs to know.
///
/// ```
///  idle --want()--> waiting --connection--> joining --CONNECT--> joined
///   ^                  ^------- connection lost ------+-----------+
///   +--- leave(), refused, thrown out ----------------+-----------+
/// ```
package struct NamespaceLink: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private enum State {
        /// Not wanted: never asked for, left, refused or thrown out.
        case idle
        /// Wanted, but there is no connection.
        case waiting
        /// To be asked for: the answer to CONNECT is due by then.
        case joining(until: Instant)
        case joined
    }

    /// What lets a server with connection state recovery send what was missed.
    private struct Session: Sendable {
        let privateID: String
        /// Of the last event received.
        var offset: String?
    }

    private var state = State.idle
    private var session: Session?

    package init() {}

    /// Whether it is joined, or will be without anybody asking.
    package var isWanted: Bool {
        switch state {
        case .idle: false
        case .waiting, .joining, .joined: true
        }
    }

    package var isJoined: Bool {
        switch state {
        case .joined: true
        case .idle, .waiting, .joining: false
        }
    }

    package var isJoining: Bool {
        switch state {
        case .joining: true
        case .idle, .waiting, .joined: false
        }
    }

    /// When the answer to CONNECT is due.
    package var deadline: Instant? {
        switch state {
        case .joining(let until): until
        case .idle, .waiting, .joined: nil
        }
    }

    /// The application wants to join.
    package mutating func want() {
        switch state {
        case .idle: state = .waiting
        case .waiting, .joining, .joined: break
        }
    }

    /// There is a connection; true if CONNECT is to be sent.
    package mutating func connectionOpened(now: Instant, timeout: Duration) -> Bool {
        switch state {
        case .waiting:
            state = .joining(until: now.advanced(by: timeout.bounded))
            return true
        case .idle, .joining, .joined: return false
        }
    }

    /// The connection is gone; true if the namespace was joined.
    package mutating func connectionClosed() -> Bool {
        switch state {
        case .idle, .waiting: return false
        case .joining:
            state = .waiting
            return false
        case .joined:
            state = .waiting
            return true
        }
    }

    /// The server answered CONNECT; true if it recovered the session.
    package mutating func receiveConnected(_ reply: ConnectReply) throws(ProtocolViolation) -> Bool {
        switch state {
        case .joining:
            state = .joined
            let isRecovered = reply.privateID != nil && reply.privateID == session?.privateID
            if !isRecovered { session = reply.privateID.map { Session(privateID: $0) } }
            return isRecovered
        case .idle, .waiting, .joined:
            throw ProtocolViolation(.unexpected, "an answer to no CONNECT")
        }
    }

    /// The server refused; false if that answers nothing.
    package mutating func receiveRefusal() -> Bool {
        switch state {
        case .joining:
            state = .idle
            return true
        case .idle, .waiting, .joined: return false
        }
    }

    /// The server sent DISCONNECT; true if the namespace was joined.
    package mutating func receiveDisconnect() -> Bool {
        switch state {
        case .joined, .joining:
            let wasJoined = isJoined
            state = .idle
            return wasJoined
        case .idle, .waiting: return false
        }
    }

    /// The application leaves; true if DISCONNECT is to be sent.
    package mutating func leave() -> Bool {
        switch state {
        case .joined, .joining:
            state = .idle
            return true
        case .idle, .waiting:
            state = .idle
            return false
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

/// What the server says to a CONNECT that it accepts (Protocol.md 4.2).
package struct ConnectReply: Equatable, Sendable {
    package let socketID: String
    /// With connection state recovery: a secret that names the session.
    package let privateID: String?

    package init(parsing payload: Span<UInt8>) throws(ProtocolViolation) {
        guard let value = try? JSONCoding.decode(JSONValue.self, from: payload, attachments: []),
            let socketID = value["sid"].stringValue
        else {
            throw ProtocolViolation(.malformed, "an answer to CONNECT without a socket id: is it a v2 server?")
        }
        self.socketID = socketID
        privateID = value["pid"].stringValue
    }
}

/// What the server says to a CONNECT that it refuses (Protocol.md 5.2).
package struct ConnectRefusal: Equatable, Sendable {
    package let message: String
    package let data: JSONValue

    /// An object, or the bare message of older servers.
    package init(parsing payload: Span<UInt8>) throws(ProtocolViolation) {
        guard let value = try? JSONCoding.decode(JSONValue.self, from: payload, attachments: []) else {
            throw ProtocolViolation(.malformed, "a CONNECT_ERROR that is not JSON")
        }
        switch value {
        case .object:
            message = value["message"].stringValue ?? "Connection refused"
            data = value["data"]
        case .string(let text):
            message = text
            data = .null
        case .null, .bool, .integer, .number, .array, .binary:
            throw ProtocolViolation(.malformed, "a CONNECT_ERROR that is neither an object nor a text")
        }
    }
}
