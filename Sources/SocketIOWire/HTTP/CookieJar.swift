/// The cookies of one server, for as long as a session lasts: what sticky load balancers need.
///
/// As in the official Node client only name, value and the age count: all requests go to the same host and path.
/// `Expires` is not read; servers that end a cookie say `Max-Age=0` too.
package struct CookieJar: Sendable {
    private var cookies: [(name: String, value: String)] = []

    /// Cookies beyond it are not kept.
    private static let maxCount = 50
    /// A longer cookie is not kept (RFC 6265 6.1).
    private static let maxBytes = 4096

    package init() {}

    /// Takes the cookies that a response sets.
    package mutating func update(from fields: HTTPFields) {
        for field in fields.all where field.name.lowercased() == "set-cookie" { set(field.value) }
    }

    /// The value of the one `Cookie` field (RFC 6265 5.4): the application's, and then what the server set, which
    /// replaces what the application gave under the same name. Nil if there are none.
    package func field(after own: String?) -> String? {
        guard let own, !own.isEmpty else { return field }
        let pairs = own.split(separator: ";").map(Self.trimmed).filter { pair in
            !pair.isEmpty && !cookies.contains { String(pair.prefix { $0 != "=" }).hasSameBytes(as: $0.name) }
        }
        return (pairs + (field.map { [$0] } ?? [])).joined(separator: "; ")
    }

    /// The value of `Cookie`; nil if there are none.
    package var field: String? {
        cookies.isEmpty ? nil : cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    private mutating func set(_ line: String) {
        let parts = line.split(separator: ";", omittingEmptySubsequences: false)
        guard line.utf8.count <= Self.maxBytes, let pair = parts.first, let equals = pair.firstIndex(of: "=") else {
            return
        }
        let name = Self.trimmed(pair[..<equals])
        guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else { return }
        cookies.removeAll { $0.name.hasSameBytes(as: name) }
        guard !parts.dropFirst().contains(where: Self.isExpired), cookies.count < Self.maxCount else { return }
        cookies.append((name, Self.trimmed(pair[pair.index(after: equals)...])))
    }

    /// Whether an attribute says that the cookie is over: `Max-Age` of zero or less (RFC 6265 5.2.2).
    private static func isExpired(_ attribute: Substring) -> Bool {
        guard let equals = attribute.firstIndex(of: "="),
            trimmed(attribute[..<equals]).lowercased() == "max-age",
            let age = Int(trimmed(attribute[attribute.index(after: equals)...]))
        else { return false }
        return age <= 0
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...end])
    }
}
