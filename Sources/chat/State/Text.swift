/// What somebody says.
enum Text {
    /// `text` on one line and without the space around it.
    ///
    /// It keeps its emoji and its formatting characters: whoever shows it isolates it from what stands beside.
    static func checked(_ text: String) throws(Refusal) -> String {
        guard text.utf8.count <= Limits.textBytes else {
            throw Refusal("A message has at most \(Limits.textBytes) bytes: this one has \(text.utf8.count).")
        }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar.properties.isWhitespace, .lineSeparator, .paragraphSeparator: line.append(" ")
            case .control: throw Refusal("A message has no control characters.")
            default: line.append(scalar)
            }
        }
        guard line.contains(where: { !$0.properties.isWhitespace && !$0.isHidden }) else {
            throw Refusal("There is nothing to see in this message.")
        }
        let said = String(line).trimmed
        guard said.count <= Limits.textCharacters else {
            throw Refusal("A message has at most \(Limits.textCharacters) characters: this one has \(said.count).")
        }
        return said
    }
}

extension String {
    /// Without the space around it.
    fileprivate var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
