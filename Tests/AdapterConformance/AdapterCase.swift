/// One thing that every adapter has to do, as one test.
package struct AdapterCase: Sendable, CustomStringConvertible {
    package let description: String
    /// Whether it has a node fall silent, which `Joining.silence` does.
    let needsSilence: Bool
    /// Throws what was to be seen, and was not.
    package let run: @Sendable (Joining) async throws -> Void

    init(
        _ description: String, nodes count: Int = 2, _ body: @escaping @Sendable (Nodes) async throws -> Void
    ) {
        self.description = description
        needsSilence = false
        run = { joining in try await Nodes.run(count, joined: joining) { try await body($0) } }
    }

    /// For what needs the adapter's own ways.
    init(
        _ description: String, needsSilence: Bool = false,
        running run: @escaping @Sendable (Joining) async throws -> Void
    ) {
        self.description = description
        self.needsSilence = needsSilence
        self.run = run
    }

    /// All of them.
    package static var all: [AdapterCase] { broadcasts + membership + requests + serverSide + presence }
    /// Those for adapters whose nodes cannot be silenced by a test.
    package static var withoutSilence: [AdapterCase] { all.filter { !$0.needsSilence } }
}
