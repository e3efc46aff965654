import CommandLineOptions

/// The help.
enum Usage {
    static var text: String {
        """
        usage: bench COMMAND [OPTION…]

        \(Help.list(Command.allCases.map { ($0.rawValue + $0.operands, $0.summary ?? "") }))

        \(Help.list(Option.all.map(\.line)))

        Each measuring command starts its own servers and load generator, one process each. It fails, and gives no \
        figure, if a
        reply is wrong, lost or not asked for.
        """
    }
}
