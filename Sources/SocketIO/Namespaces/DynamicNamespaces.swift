/// Namespaces that are made as clients ask for them: what `SocketIOServer.namespaces(matching:)` returns.
///
/// What is registered here holds for each of them, those that there are and those to come; what is sent from here goes to
/// all of them, encoded once for each. A namespace of the same name that was made by `namespace(_:)` is asked for first.
///
/// ```swift
/// let rooms = io.namespaces(matching: /\/room-\d+/)
/// rooms.onConnection { socket in print("somebody in \(socket.namespace.name)") }
/// ```
public final class DynamicNamespaces: NamespaceRegistration, BroadcastEmitter {
    private let matcher: NamespaceMatcher

    init(_ matcher: NamespaceMatcher) {
        self.matcher = matcher
    }

    /// What stands for all of them.
    public var registrationNamespace: Namespace { matcher.template }
    /// All sockets of all of them.
    public var broadcast: Broadcast { Broadcast(in: matcher.template) }

    /// Those that there are now, in no order.
    public var all: [Namespace] { matcher.family.members }
}

extension SocketIOServer {
    /// Lets clients into each namespace whose whole name `pattern` matches, slash included; the namespace is made with its
    /// first client.
    ///
    /// Matchers are asked in the order in which they were added, and only for names that no namespace has. Where a pattern
    /// takes any name, what a client makes the server hold is bounded by `limits.dynamicNamespaces`, and given back when the
    /// last client leaves (`configuration.removesEmptyNamespaces`).
    ///
    /// The pattern is asked by one event loop at a time; if it has transformations of its own, these must not use the server.
    /// A name has 512 bytes at most.
    ///
    /// JavaScript looks for its pattern anywhere in the name; here it is as if it stood between `^` and `$`.
    @discardableResult
    public func namespaces<Output>(matching pattern: sending Regex<Output>) -> DynamicNamespaces {
        let matcher = PatternMatcher(pattern)
        return addMatcher(.pattern { matcher.matches($0) })
    }

    /// Lets clients into each namespace that `decide` returns true for; see `namespaces(matching:)`.
    ///
    /// - Parameter decide: Gets the name, slash included, and what the client brought along. Runs on the client's event loop.
    ///   One that throws says no; the error goes to the log as a warning.
    @discardableResult
    public func namespaces(
        where decide: @escaping @Sendable (_ name: String, _ handshake: Handshake) throws -> Bool
    ) -> DynamicNamespaces {
        addMatcher(.immediate(decide))
    }

    /// Lets clients into each namespace that the asynchronous `decide` returns true for; see the synchronous form.
    ///
    /// The client waits meanwhile, for `configuration.connectTimeout` at most; then it is refused, and the task cancelled. So
    /// it is when the client leaves, or asks again.
    ///
    /// ```swift
    /// io.namespaces { name, handshake in
    ///     try await Task.sleep(for: .milliseconds(10))  // asks a database
    ///     return try name == "/acme" && handshake.auth(as: [String: String].self)["word"] == "sesame"
    /// }
    /// ```
    @discardableResult
    public func namespaces(
        where decide: @escaping @Sendable (_ name: String, _ handshake: Handshake) async throws -> Bool
    ) -> DynamicNamespaces {
        addMatcher(.asynchronous(decide))
    }

    /// Calls `handler` with each namespace that is made from now on: before its first client is asked for anything, on the
    /// event loop of that client, or where `namespace(_:)` is called. A second client, on another event loop, may be let in
    /// meanwhile: what guards the clients of all of them is registered on what `namespaces(matching:)` returns.
    public func onNewNamespace(_ handler: @escaping @Sendable (Namespace) -> Void) {
        context.addNewNamespaceHandler(handler)
    }

    private func addMatcher(_ decision: NamespaceMatcher.Decision) -> DynamicNamespaces {
        DynamicNamespaces(context.addMatcher(decision))
    }
}
