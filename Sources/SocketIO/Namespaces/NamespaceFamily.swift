internal import NetLoop
internal import Synchronization

/// The namespaces that one matcher let in: each has what is registered on the family's template.
final class NamespaceFamily: Sendable {
    /// By number. Registrations hold its lock, too: nobody is let in between the template and the others.
    private let all = Mutex<[Int: Namespace]>([:])

    var members: [Namespace] { all.withLock { Array($0.values) } }
    var count: Int { all.withLock { $0.count } }

    /// `namespace` gets what `template` has.
    func adopt(_ namespace: Namespace, from template: Namespace) {
        all.withLock { all in
            namespace.inherit(from: template)
            all[namespace.number] = namespace
        }
    }

    func remove(_ namespace: Namespace) {
        all.withLock { $0[namespace.number] = nil }
    }

    func removeAll() {
        all.change { $0 = [:] }
    }

    /// Changes the template and all others, with nobody let in meanwhile.
    func change(_ template: Namespace, _ body: (Namespace) -> Void) {
        all.withLock { all in
            body(template)
            for namespace in all.values { body(namespace) }
        }
    }
}
