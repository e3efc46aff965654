/// What somebody wants to say. One that is too long cannot be decoded, so that nobody has to check it again.
package struct Draft: Codable, Sendable, Equatable {
    package static let nameLimit = 30
    package static let textLimit = 500

    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys, upTo limit: Int) throws -> String {
            let text = try container.decode(String.self, forKey: key)
            guard (1...limit).contains(text.utf8.count) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "1 to \(limit) bytes of text are wanted")
            }
            return text
        }
        name = try read(.name, upTo: Self.nameLimit)
        text = try read(.text, upTo: Self.textLimit)
    }
}
