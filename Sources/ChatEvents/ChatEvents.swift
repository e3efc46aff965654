package import SocketIOEvents

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What was said, and where: in `room`, or in private if there is a `to`.
package struct Message: Codable, Sendable {
    /// Grows from message to message, also over a restart: pages order and merge by it.
    package let id: Int
    package let room: String?
    package let to: String?
    package let from: String
    package let text: String
    package let at: Date

    package init(id: Int, room: String?, to: String?, from: String, text: String, at: Date) {
        self.id = id
        self.room = room
        self.to = to
        self.from = from
        self.text = text
        self.at = at
    }
}

/// The `auth` of `/`.
package struct Login: Codable, Sendable {
    package let name: String
    /// A secret of the browser: with it a name can be used again, for a second tab or after a lost connection.
    package let key: String

    package init(name: String, key: String) {
        self.name = name
        self.key = key
    }
}

/// The answer to a request that has nothing to give but success.
package struct Receipt: Codable, Sendable {
    package var error: String?

    package static let done = Receipt()

    package init(error: String? = nil) {
        self.error = error
    }
}

/// The answer to `join`.
package struct JoinReply: Codable, Sendable {
    package var error: String?
    package var room = ""
    package var messages: [Message] = []
    package var people: [String] = []

    package init(error: String? = nil, room: String = "", messages: [Message] = [], people: [String] = []) {
        self.error = error
        self.room = room
        self.messages = messages
        self.people = people
    }
}

/// From the page, or the terminal.
extension Request {
    package static var join: Request<String, JoinReply> { Request<String, JoinReply>("join", replying: JoinReply.self) }
    /// Room, text.
    package static var say: Request<String, String, Receipt> {
        Request<String, String, Receipt>("say", replying: Receipt.self)
    }
    /// Name of the other person, text.
    package static var sayInPrivate: Request<String, String, Receipt> {
        Request<String, String, Receipt>("whisper", replying: Receipt.self)
    }
}

/// From there, without an answer.
extension Event {
    package static var leave: Event<String> { Event<String>("leave") }
    /// Room.
    package static var startTyping: Event<String> { Event<String>("typing") }
}

/// To there.
extension Event {
    package static var message: Event<Message> { Event<Message>("message") }
    package static var whisper: Event<Message> { Event<Message>("whisper") }
    /// The names of all rooms, whenever one is added or removed.
    package static var rooms: Event<[String]> { Event<[String]>("rooms") }
    /// Room, name.
    package static var joined: Event<String, String> { Event<String, String>("joined") }
    package static var left: Event<String, String> { Event<String, String>("left") }
    package static var typing: Event<String, String> { Event<String, String>("typing") }
    package static var announcement: Event<String> { Event<String>("announcement") }
}
