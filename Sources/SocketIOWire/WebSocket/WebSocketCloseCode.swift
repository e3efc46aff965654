/// Why a connection is closed (RFC 6455 7.4, and the registry at IANA).
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = Self(rawValue: 1000)
    package static let goingAway = Self(rawValue: 1001)
    package static let protocolError = Self(rawValue: 1002)
    package static let unsupportedData = Self(rawValue: 1003)
    package static let invalidPayload = Self(rawValue: 1007)
    package static let policyViolation = Self(rawValue: 1008)
    package static let messageTooBig = Self(rawValue: 1009)
    package static let internalError = Self(rawValue: 1011)
    package static let serviceRestart = Self(rawValue: 1012)
    package static let tryAgainLater = Self(rawValue: 1013)

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
