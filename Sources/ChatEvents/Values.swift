#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

// Whatever is shown has a number, from one counter of the server that grows over a restart too. Handlers run on several
// loops, so that what was decided first may arrive last: clients order by the number, and by nothing else.

/// What was said, and where: in `room`, or in private if there is a `to`.
package struct Message: Codable, Sendable, Equatable {
    package let number: Int
    package let room: String?
    package let to: String?
    package let from: String
    package let text: String
    package let at: Date

    package init(number: Int, room: String?, to: String?, from: String, text: String, at: Date) {
        self.number = number
        self.room = room
        self.to = to
        self.from = from
        self.text = text
        self.at = at
    }
}

/// What the administrator says to everybody.
package struct Announcement: Codable, Sendable, Equatable {
    package let number: Int
    package let text: String
    package let at: Date

    package init(number: Int, text: String, at: Date) {
        self.number = number
        self.text = text
        self.at = at
    }
}

/// Who has come into a room since its last change, and who has gone; nobody is in both.
///
/// One that is not newer than the `JoinReply` is known already.
package struct PeopleChange: Codable, Sendable, Equatable {
    package let number: Int
    package let room: String
    package let came: [String]
    package let went: [String]

    package init(number: Int, room: String, came: [String], went: [String]) {
        self.number = number
        self.room = room
        self.came = came
        self.went = went
    }
}

/// Which rooms there are more or fewer since the last change.
///
/// One that is not newer than the `Welcome` is known already.
package struct RoomsChange: Codable, Sendable, Equatable {
    package let number: Int
    package let added: [String]
    package let removed: [String]

    package init(number: Int, added: [String], removed: [String]) {
        self.number = number
        self.added = added
        self.removed = removed
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

/// What a client has to know first.
package struct Welcome: Codable, Sendable, Equatable {
    /// As it is spelled here: messages, people and private messages say so.
    package let name: String
    package let rooms: [String]
    /// Of the list of rooms.
    package let number: Int

    package init(name: String, rooms: [String], number: Int) {
        self.name = name
        self.rooms = rooms
        self.number = number
    }
}

/// The answer to a request that has nothing to give but success.
package struct Receipt: Codable, Sendable {
    /// Why not, in words for people.
    package var error: String?
    /// Seconds after which the same request has a chance, where it came too soon.
    package var retryAfter: Double?

    package static let done = Receipt()

    package init(error: String? = nil, retryAfter: Double? = nil) {
        self.error = error
        self.retryAfter = retryAfter
    }
}

/// The answer to `join`.
package struct JoinReply: Codable, Sendable {
    /// Why not, in words for people; then the rest is empty.
    package var error: String?
    package var retryAfter: Double?
    /// As it is spelled here: events of the room say so.
    package var room = ""
    /// Of `people`.
    package var number = 0
    /// What was said since the number that was asked for, in order; nothing for a socket that is in the room already.
    package var messages: [Message] = []
    /// Something between that number and `messages` is not kept any more.
    package var missesSome = false
    package var people: [String] = []

    package init(error: String, retryAfter: Double? = nil) {
        self.error = error
        self.retryAfter = retryAfter
    }

    package init(room: String, number: Int, messages: [Message], missesSome: Bool, people: [String]) {
        self.room = room
        self.number = number
        self.messages = messages
        self.missesSome = missesSome
        self.people = people
    }
}
