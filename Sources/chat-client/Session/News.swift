import ChatEvents

extension Session {
    /// What the server says by itself.
    enum News: Sendable {
        case welcome(Welcome)
        case message(Message)
        case whisper(Message)
        case people(PeopleChange)
        case rooms(RoomsChange)
        case announcement(Announcement)
        case removed(String)
        /// Something that is none of these, and why.
        case unknown(String)

        /// About how many bytes it takes: whatever in it a server may make long.
        var size: Int {
            switch self {
            case .welcome(let welcome): Self.size([welcome.name]) + Self.size(welcome.rooms)
            case .message(let message), .whisper(let message):
                Self.size([message.room ?? "", message.to ?? "", message.from, message.text])
            case .people(let change): Self.size([change.room]) + Self.size(change.came) + Self.size(change.went)
            case .rooms(let change): Self.size(change.added) + Self.size(change.removed)
            case .announcement(let announcement): Self.size([announcement.text])
            case .removed(let words), .unknown(let words): Self.size([words])
            }
        }

        private static func size(_ texts: [String]) -> Int { texts.reduce(256) { $0 + $1.utf8.count + 32 } }
    }
}

/// News that may be of the room that is being entered.
struct HeldNews {
    /// Bytes that they take at most: more than comes within a moment.
    static let limit = 1024 * 1024

    private(set) var news: [Session.News] = []
    private var bytes = 0
    /// Whether there was no room for some.
    private(set) var missesSome = false

    mutating func append(_ new: Session.News) {
        guard bytes + new.size <= Self.limit else {
            missesSome = true
            return
        }
        bytes += new.size
        news.append(new)
    }
}
