/// A server's namespaces, by the bytes of their names, and who decides about further ones.
///
/// Each has a number that no other gets, by which the loops know their parts of it: what is still on its way to one that
/// has ended finds nothing.
struct NamespaceTable: Sendable {
    private var namespaces: [[UInt8]: Namespace] = [:]
    private var lastNumber = 0
    private(set) var matchers: [NamespaceMatcher] = []
    /// The sockets of each namespace of a family, by its number, those included that are still being admitted.
    private var sockets: [Int: Int] = [:]

    /// Those that clients can be in.
    var all: [Namespace] { Array(namespaces.values) }

    func contains(_ name: [UInt8]) -> Bool { namespaces[name] != nil }

    func existing(_ name: [UInt8]) -> Namespace? { namespaces[name] }

    var names: [String] { namespaces.values.map(\.name) }

    /// The namespace of this name for a socket that is to be in it.
    mutating func enter(_ name: [UInt8]) -> Namespace? {
        guard let namespace = namespaces[name] else { return nil }
        stay(in: namespace)
        return namespace
    }

    /// A further socket is in `namespace`, or may come back to it.
    mutating func stay(in namespace: Namespace) {
        if case .member = namespace.role { sockets[namespace.number, default: 0] += 1 }
    }

    /// A socket of a namespace of a family is gone; true if it was the last one.
    mutating func leave(_ namespace: Namespace) -> Bool {
        guard let count = sockets[namespace.number] else { return false }
        sockets[namespace.number] = count == 1 ? nil : count - 1
        return count == 1
    }

    /// The namespace `name`, made if there is none.
    mutating func namespace(_ name: String, of context: ServerContext) -> (Namespace, isNew: Bool) {
        let key = Array(name.utf8)
        if let namespace = namespaces[key] { return (namespace, false) }
        let namespace = make(name, .single, context)
        namespaces[key] = namespace
        return (namespace, true)
    }

    /// A namespace that `matcher` lets in, with what its family has; nil if there are too many.
    mutating func child(
        _ name: [UInt8], of matcher: NamespaceMatcher, limit: Int, in context: ServerContext
    ) -> (Namespace, isNew: Bool)? {
        if let namespace = namespaces[name] { return (namespace, false) }
        guard matchers.reduce(0, { $0 + $1.family.count }) < limit else { return nil }
        let namespace = make(String(decoding: name, as: UTF8.self), .member(matcher.family), context)
        matcher.family.adopt(namespace, from: matcher.template)
        namespaces[name] = namespace
        return (namespace, true)
    }

    mutating func addMatcher(_ decision: NamespaceMatcher.Decision, in context: ServerContext) -> NamespaceMatcher {
        let family = NamespaceFamily()
        let matcher = NamespaceMatcher(
            decision: decision, template: make("/*", .template(family), context), family: family)
        matchers.append(matcher)
        return matcher
    }

    private mutating func make(_ name: String, _ role: Namespace.Role, _ context: ServerContext) -> Namespace {
        lastNumber += 1
        return Namespace(name: name, number: lastNumber, role: role, context: context)
    }

    /// Forgets `namespace`; false if it was forgotten before.
    mutating func remove(_ namespace: Namespace) -> Bool {
        let key = Array(namespace.name.utf8)
        guard namespaces[key] === namespace else { return false }
        namespaces[key] = nil
        sockets[namespace.number] = nil
        if case .member(let family) = namespace.role { family.remove(namespace) }
        return true
    }

    mutating func removeAll() -> [Namespace] {
        let all = Array(namespaces.values) + matchers.map(\.template)
        for matcher in matchers { matcher.family.removeAll() }
        (namespaces, matchers, sockets) = ([:], [], [:])
        return all
    }
}
