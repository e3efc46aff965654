/// An option of a command line: its name, its help and its effect on the options, declared once.
package struct Option<Options> {
    package let name: String
    /// Empty for what people do not write.
    package let help: String
    /// What its value is called, after a space; empty if it has none.
    private let placeholder: String
    /// Takes its value, if it has one, from what follows the name.
    private let read: (inout Options, inout ArraySlice<String>) throws(UsageError) -> Void

    /// An option without a value.
    package init(_ name: String, _ help: String = "", _ set: @escaping (inout Options) -> Void) {
        self.name = name
        self.help = help
        placeholder = ""
        read = { options, _ in set(&options) }
    }

    /// An option whose value is the next word.
    package init<Value>(
        _ name: String, _ value: OptionValue<Value>, _ help: String, _ set: @escaping (inout Options, Value) -> Void
    ) {
        self.name = name
        self.help = help
        placeholder = " \(value.placeholder)"
        read = { options, rest throws(UsageError) in
            guard let text = rest.popFirst(), !text.isEmpty else { throw UsageError("\(name) needs a value") }
            guard let value = value.read(text) else { throw UsageError("\(name): '\(text)' \(value.refusal)") }
            set(&options, value)
        }
    }

    /// For `Help.list`.
    package var line: (name: String, help: String) { (name + placeholder, help) }

    /// Reads `arguments` into `options`, and returns those that are no option: the operands.
    package static func read(
        _ arguments: some Sequence<String>, into options: inout Options, knowing all: [Option]
    ) throws(UsageError) -> [String] {
        var operands: [String] = []
        var rest = Array(arguments)[...]
        while let word = rest.popFirst() {
            if let option = all.first(where: { $0.name == (word == "-h" ? "--help" : word) }) {
                try option.read(&options, &rest)
            } else if word.hasPrefix("-") {
                throw UsageError("unknown option '\(word)'")
            } else {
                operands.append(word)
            }
        }
        return operands
    }
}
