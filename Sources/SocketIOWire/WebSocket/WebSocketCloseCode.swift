/// Why a WebSocket is closed (RFC 6455 7.4, and the registry at IANA).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    /// The number: 3000 to 4999 are the application's, below 3000 as registered.
    public let rawValue: UInt16

    /// A code of your own, from 4000 on, or a registered one.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: there is no more to say.
    public static let normal = Self(rawValue: 1000)
    /// 1001: the server shuts down, or the page is left.
    public static let goingAway = Self(rawValue: 1001)
    /// 1002: the other side broke the rules of WebSocket.
    public static let protocolError = Self(rawValue: 1002)
    /// 1003: a message of a kind that is not taken.
    public static let unsupportedData = Self(rawValue: 1003)
    /// 1007: a message that is not what it should be, as a text that is not UTF-8.
    public static let invalidPayload = Self(rawValue: 1007)
    /// 1008: something that is not allowed, where no other code says more.
    public static let policyViolation = Self(rawValue: 1008)
    /// 1009: a message that is too large.
    public static let messageTooBig = Self(rawValue: 1009)
    /// 1011: the server failed.
    public static let internalError = Self(rawValue: 1011)
    /// 1012: the server restarts: come back.
    public static let serviceRestart = Self(rawValue: 1012)
    /// 1013: the server is overloaded: come back later.
    public static let tryAgainLater = Self(rawValue: 1013)

    /// Whether the code may stand in a close frame: 1004, 1005, 1006 and 1015 only describe what was observed.
    package var maySend: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension WebSocketCloseCode {
    /// The code in front of a close frame's payload, all of which is checked (RFC 6455 5.5.1 and 7.4); nil if the
    /// payload is empty.
    init?(payload: Span<UInt8>) throws(WebSocketFailure) {
        guard payload.count > 0 else { return nil }
        guard payload.count >= 2 else { throw WebSocketFailure(.protocolError, "half a close code") }
        self.init(rawValue: payload.bigEndian(at: 0, as: UInt16.self))
        guard maySend else { throw WebSocketFailure(.protocolError, "a close code that may not be sent") }
        guard payload.isUTF8(in: 2..<payload.count) else { throw .notUTF8 }
    }
}
