/// A server's namespaces, by the bytes of their names.
///
/// Each has a number that no other gets, by which the loops know their parts of it: what is still on its way to one that
/// has ended finds nothing.
struct NamespaceTable: Sendable {
    private var namespaces: [[UInt8]: Namespace] = [:]
    private var lastNumber = 0

    var all: [Namespace] { Array(namespaces.values) }

    subscript(name: [UInt8]) -> Namespace? { namespaces[name] }

    /// The namespace `name`, made if there is none.
    mutating func namespace(_ name: String, of context: ServerContext) -> Namespace {
        let key = Array(name.utf8)
        if let namespace = namespaces[key] { return namespace }
        lastNumber += 1
        let namespace = Namespace(name: name, number: lastNumber, context: context)
        namespaces[key] = namespace
        return namespace
    }

    /// Forgets `namespace`; false if it was forgotten before.
    mutating func remove(_ namespace: Namespace) -> Bool {
        let key = Array(namespace.name.utf8)
        guard namespaces[key] === namespace else { return false }
        namespaces[key] = nil
        return true
    }

    mutating func removeAll() {
        namespaces = [:]
    }
}
