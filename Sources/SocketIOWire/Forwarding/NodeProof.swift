/// By what a node knows that a request was passed on by another one of its cluster, and whom that one has it from: a field
/// with the secret that they share (Protocol.md 3.9).
package struct NodeProof: Sendable {
    package static let field = "Socket-IO-Node"

    /// What a request says of itself.
    package enum Claim: Equatable, Sendable {
        /// That it comes from a client.
        case none
        /// That it comes from a node, without knowing the secret: it is anyone's.
        case wrong
        /// It comes from a node, which has it from there.
        case proven(RequestSource)
    }

    /// As it is sent, which takes any byte.
    private let secret: [UInt8]

    package init(secret: String) {
        self.secret = Array(Base64.urlSafeText(Array(secret.utf8).span).utf8)
    }

    /// What the field says of a request that came from `source`.
    package func value(for source: RequestSource) -> String {
        let host = source.host.map { " \($0)" } ?? ""
        return
            "\(String(decoding: secret, as: UTF8.self)) \(source.isSecure ? "https" : "http") \(source.address)\(host)"
    }

    package func claim(of head: HTTPRequestHead) -> Claim {
        guard let range = head.fields.firstValue(of: Self.field) else { return .none }
        let value = Array(head.fields.storage.span.extracting(range))
        let parts = value.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard head.fields.count(of: Self.field) == 1, isSecret(parts[0]), parts.count == 3 || parts.count == 4 else {
            return .wrong
        }
        let text = parts.map { String(decoding: $0, as: UTF8.self) }
        return .proven(
            RequestSource(address: text[2], isSecure: text[1] == "https", host: text.count == 4 ? text[3] : nil))
    }

    /// Takes as long wherever the difference is, so that nobody finds the secret byte by byte.
    private func isSecret(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == secret.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(bytes, secret) { difference |= one ^ other }
        return difference == 0
    }
}

extension HTTPRequestHead {
    /// The same without the fields of that name.
    package func without(_ name: String) -> HTTPRequestHead {
        let kept = HTTPFields(storage: fields.storage, entries: fields.entries.filter { !fields.matches($0, name) })
        return HTTPRequestHead(
            method: method, version: version, target: targetLine, bodyLength: bodyLength, fields: kept)
    }
}
