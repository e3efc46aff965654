/// One thing that every adapter has to do, as one test.
package struct AdapterCase: Sendable, CustomStringConvertible {
    package let description: String
    /// Throws what was to be seen, and was not.
    package let run: @Sendable (Joining) async throws -> Void

    init(
        _ description: String, nodes count: Int = 2, _ body: @escaping @Sendable (Nodes) async throws -> Void
    ) {
        self.description = description
        run = { joining in try await Nodes.run(count, joined: joining) { try await body($0) } }
    }

    /// For what needs the adapter's own ways.
    init(_ description: String, running run: @escaping @Sendable (Joining) async throws -> Void) {
        self.description = description
        self.run = run
    }

    /// All of them.
    package static var all: [AdapterCase] { broadcasts + membership + requests + serverSide + presence }
}
