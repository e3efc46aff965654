/// permessage-deflate: how messages are compressed (RFC 7692 7.1): what an end wishes, offers, or has agreed to.
package struct DeflateTerms: Equatable, Sendable {
    /// Whether the server compresses each message on its own.
    package var serverNoContextTakeover = false
    /// Whether the client does.
    package var clientNoContextTakeover = false
    /// The logarithm of the server's window, 8 to 15; nil where nothing is said, which is 15.
    package var serverMaxWindowBits: Int?
    /// The same of the client's.
    package var clientMaxWindowBits: Int?

    package init() {}

    package static let name = "permessage-deflate"

    private enum Parameter {
        static let serverNoContextTakeover = "server_no_context_takeover"
        static let clientNoContextTakeover = "client_no_context_takeover"
        static let serverMaxWindowBits = "server_max_window_bits"
        static let clientMaxWindowBits = "client_max_window_bits"
    }

    /// As a field has it, in an answer.
    package var text: String {
        var parts = [Self.name]
        if serverNoContextTakeover { parts.append(Parameter.serverNoContextTakeover) }
        if clientNoContextTakeover { parts.append(Parameter.clientNoContextTakeover) }
        if let bits = serverMaxWindowBits { parts.append("\(Parameter.serverMaxWindowBits)=\(bits)") }
        if let bits = clientMaxWindowBits { parts.append("\(Parameter.clientMaxWindowBits)=\(bits)") }
        return parts.joined(separator: "; ")
    }

    /// What a peer said, and whether it named `client_max_window_bits` without a value.
    private struct Named {
        var terms = DeflateTerms()
        var takesClientWindow = false

        /// - Returns: Nil if a parameter is unknown, comes twice, or has a value that it cannot have (RFC 7692 7.1).
        init?(_ parameters: [(name: String, value: String?)]) {
            var names: Set<String> = []
            for (name, value) in parameters {
                guard names.insert(name).inserted, take(name, value) else { return nil }
            }
        }

        private mutating func take(_ name: String, _ value: String?) -> Bool {
            switch name {
            case Parameter.serverNoContextTakeover:
                terms.serverNoContextTakeover = true
                return value == nil
            case Parameter.clientNoContextTakeover:
                terms.clientNoContextTakeover = true
                return value == nil
            case Parameter.serverMaxWindowBits:
                terms.serverMaxWindowBits = value.flatMap(DeflateTerms.windowBits)
                return terms.serverMaxWindowBits != nil
            case Parameter.clientMaxWindowBits:
                takesClientWindow = true
                terms.clientMaxWindowBits = value.flatMap(DeflateTerms.windowBits)
                return value == nil || terms.clientMaxWindowBits != nil
            default:
                return false
            }
        }
    }

    /// RFC 7692 7.1.2: 8 to 15, without zeros in front.
    private static func windowBits(_ text: String) -> Int? {
        guard text.utf8.first != UInt8(ascii: "0"), text.utf8.count <= 2, text.utf8.allSatisfy({ 48...57 ~= $0 }),
            let bits = Int(text), 8...15 ~= bits
        else { return nil }
        return bits
    }

    // MARK: The server

    /// What to answer to the first of a client's offers that can be accepted, if there is one.
    ///
    /// - Parameter wishes: The server's: whether each message is to be compressed on its own, and the largest windows.
    /// - Throws: What to answer instead, if what the client says of extensions is not of the grammar (RFC 6455 9.1).
    package static func answer(
        to head: HTTPRequestHead, wishes: DeflateTerms
    ) throws(HTTPFailure) -> DeflateTerms? {
        guard let extensions = head.fields.webSocketExtensions else {
            throw HTTPFailure(400, "not a Sec-WebSocket-Extensions")
        }
        for offer in extensions where offer.name == name {
            // RFC 7692 7.1: one that has something wrong is declined, and a later one may do.
            if let named = Named(offer.parameters) { return wishes.answer(to: named) }
        }
        return nil
    }

    private func answer(to offer: Named) -> DeflateTerms {
        var answer = offer.terms
        answer.serverNoContextTakeover = offer.terms.serverNoContextTakeover || serverNoContextTakeover
        // RFC 7692 7.1.1.2: asked of any client.
        answer.clientNoContextTakeover = offer.terms.clientNoContextTakeover || clientNoContextTakeover
        answer.serverMaxWindowBits = Self.smaller(offer.terms.serverMaxWindowBits, serverMaxWindowBits)
        // RFC 7692 7.1.2.2: only of a client that says it can.
        answer.clientMaxWindowBits =
            offer.takesClientWindow ? Self.smaller(offer.terms.clientMaxWindowBits, clientMaxWindowBits) : nil
        return answer
    }

    private static func smaller(_ first: Int?, _ second: Int?) -> Int? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    // MARK: The client

    /// As a field has it, in the offer of a client that takes any answer.
    package static let offer = "\(name); \(Parameter.clientMaxWindowBits)"

    /// What a server has accepted of that offer; nil if it accepts no extension.
    package static func accepted(by head: HTTPResponseHead) throws(ProtocolViolation) -> DeflateTerms? {
        guard let extensions = head.fields.webSocketExtensions else {
            throw ProtocolViolation(.malformed, "not a Sec-WebSocket-Extensions")
        }
        guard let first = extensions.first else { return nil }
        guard extensions.count == 1, first.name == name else {
            throw ProtocolViolation(.malformed, "an extension that was not offered")
        }
        // RFC 7692 7.1.2.2: in an answer the window has a value.
        guard let named = Named(first.parameters), !named.takesClientWindow || named.terms.clientMaxWindowBits != nil
        else { throw ProtocolViolation(.malformed, "an extension that is accepted otherwise than it was offered") }
        return named.terms
    }
}
