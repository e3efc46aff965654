import SocketIO

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What was said, and where: in `room`, or in private if there is a `to`.
struct Message: Codable, Sendable {
    /// Grows from message to message, also over a restart: pages order and merge by it.
    let id: Int
    let room: String?
    let to: String?
    let from: String
    let text: String
    let at: Date
}

/// The `auth` of `/`.
struct Login: Codable, Sendable {
    let name: String
    /// A secret of the browser: with it a name can be used again, for a second tab or after a lost connection.
    let key: String
}

/// The answer to a request that has nothing to give but success.
struct Receipt: Codable, Sendable {
    var error: String?

    static let done = Receipt()
}

/// The answer to `join`.
struct JoinReply: Codable, Sendable {
    var error: String?
    var room = ""
    var messages: [Message] = []
    var people: [String] = []
}

/// From the page.
extension Request {
    static var join: Request<String, JoinReply> { Request<String, JoinReply>("join", replying: JoinReply.self) }
    /// Room, text.
    static var say: Request<String, String, Receipt> { Request<String, String, Receipt>("say", replying: Receipt.self) }
    /// Name of the other person, text.
    static var sayInPrivate: Request<String, String, Receipt> {
        Request<String, String, Receipt>("whisper", replying: Receipt.self)
    }
}

/// From the page, without an answer.
extension Event {
    static var leave: Event<String> { Event<String>("leave") }
    /// Room.
    static var startTyping: Event<String> { Event<String>("typing") }
}

/// To the page.
extension Event {
    static var message: Event<Message> { Event<Message>("message") }
    static var whisper: Event<Message> { Event<Message>("whisper") }
    /// The names of all rooms, whenever one is added or removed.
    static var rooms: Event<[String]> { Event<[String]>("rooms") }
    /// Room, name.
    static var joined: Event<String, String> { Event<String, String>("joined") }
    static var left: Event<String, String> { Event<String, String>("left") }
    static var typing: Event<String, String> { Event<String, String>("typing") }
    static var announcement: Event<String> { Event<String>("announcement") }
}

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
