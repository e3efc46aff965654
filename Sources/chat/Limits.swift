import SocketIO

extension SocketKey {
    static var name: SocketKey<String> { SocketKey<String>("name") }
}

/// What one visitor can make the server keep.
enum Limits {
    static let rooms = 100
    static let roomsPerSocket = 20
    static let messagesPerRoom = 100

    static func name(_ text: String) -> String? { cleaned(text, bytes: 96) }
    static func roomName(_ text: String) -> String? { cleaned(text, bytes: 160) }
    static func text(_ text: String) -> String? { cleaned(text, bytes: 8_000) }
    static func key(_ text: String) -> String? { cleaned(text, bytes: 128) }

    /// `text` without the space around it, or nil if nothing is left, too much is, or it has control characters.
    private static func cleaned(_ text: String, bytes: Int) -> String? {
        guard text.utf8.count <= bytes else { return nil }
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        let cleaned = String(start[...end])
        let isPlain = cleaned.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isPlain ? cleaned : nil
    }
}
