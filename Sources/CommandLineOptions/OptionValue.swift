/// The value of an option: what the help calls it, and how it is read.
package struct OptionValue<Value> {
    let placeholder: String
    /// What is said of a text that cannot be read, as in "'two' is not a number from 1 on".
    let refusal: String
    package let read: (String) -> Value?

    package init(_ placeholder: String, else refusal: String, _ read: @escaping (String) -> Value?) {
        self.placeholder = placeholder
        self.refusal = refusal
        self.read = read
    }
}

extension OptionValue {
    package static func text(_ placeholder: String) -> Self where Value == String {
        Self(placeholder, else: "is no text") { $0 }
    }

    package static func number(_ placeholder: String = "N", from least: Int, to most: Int? = nil) -> Self
    where Value == Int {
        Self(placeholder, else: "is not a number from \(least) \(most.map { "to \($0)" } ?? "on")") { text in
            Int(text).flatMap { $0 >= least && $0 <= most ?? Int(Int32.max) ? $0 : nil }
        }
    }

    package static func quantity(_ placeholder: String) -> Self where Value == Double {
        Self(placeholder, else: "is not a number over 0") { text in
            Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        }
    }

    package static func choice(of _: Value.Type, _ placeholder: String? = nil) -> Self
    where Value: RawRepresentable<String> & CaseIterable {
        let choices = Value.allCases.map(\.rawValue).joined(separator: "|")
        return Self(placeholder ?? choices, else: "is none of \(choices)", Value.init(rawValue:))
    }
}
