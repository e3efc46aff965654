internal import NetLoop
internal import SocketIOWire

extension ClientError {
    init(_ error: ConnectError) {
        let code: Code =
            switch error.reason {
            case .unresolvable: .unresolvable
            case .refused: .connectionRefused
            case .timedOut: .timedOut
            case .unreachable: .unreachable
            case .failed: .system
            case .insecure(let error): Self.code(of: error)
            }
        self.init(code, error.description)
    }

    init(_ error: TLSError) {
        self.init(Self.code(of: error), error.description)
    }

    private static func code(of error: TLSError) -> Code {
        switch error {
        case .libraryMissing: .tlsUnavailable
        case .selfSigned: .selfSigned
        case .unknownIssuer, .untrusted: .untrusted
        case .expired, .notYetValid: .expired
        case .wrongHost: .wrongHost
        case .certificateFile, .keyFile, .keyMismatch, .bundle, .failed: .insecure
        }
    }

    init(_ violation: ProtocolViolation, from host: String) {
        self.init(
            .badResponse,
            "\(host) sent \(violation.detail): is there a Socket.IO server of version 3 or 4 at this URL?")
    }

    static func lost(_ host: String) -> ClientError {
        ClientError(.connectionLost, "\(host) closed the connection before it answered")
    }

    /// What a response other than the one hoped for means.
    init(unexpected head: HTTPResponseHead, body: [UInt8], from origin: HTTPOrigin) {
        switch head.status {
        // 304 says that something has not changed: nobody asked.
        case 300...303, 305...399:
            let target = head.fields["location"] ?? "another place"
            self.init(
                .redirected, "\(origin.hostField) redirects to \(target), which is not followed: use that URL instead")
        case 407:
            self.init(.proxyRequired, "a proxy wants to be asked, which is not supported: connect without it")
        default:
            // Protocol.md 1.4: {"code":1,"message":"Session ID unknown"}, or the bare message for a WebSocket.
            let value = try? JSONCoding.decode(JSONValue.self, from: body.span, attachments: [])
            let text = value?["message"].stringValue ?? Self.excerpt(of: body)
            let words = text.isEmpty ? "" : ": \(text)"
            let code: Code = value?["code"].intValue != nil || head.status == 403 ? .rejected : .badResponse
            self.init(code, "\(origin.hostField) answered with status \(head.status)\(words)")
        }
    }

    /// The beginning of a body, if it can be read in a log.
    private static func excerpt(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        return text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? text : ""
    }
}
