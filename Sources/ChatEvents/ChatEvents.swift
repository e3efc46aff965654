package import SocketIOEvents

/// From the page, or the terminal.
extension Request {
    /// A room, made if need be, and a number up to which the client has all that was said there (0 for nothing): the answer
    /// has what was said since.
    ///
    /// That is not the number of its last message: one of a smaller number may have been on its way from another loop when
    /// the connection was lost.
    package static var join: Request<String, Int, JoinReply> {
        Request<String, Int, JoinReply>("join", replying: JoinReply.self)
    }
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
    /// Room. Dropped for who leaves more often than they could join.
    package static var leave: Event<String> { Event<String>("leave") }
    /// Room.
    package static var startTyping: Event<String> { Event<String>("typing") }
}

/// To there.
extension Event {
    /// The first event of a connection.
    package static var welcome: Event<Welcome> { Event<Welcome>("welcome") }
    package static var message: Event<Message> { Event<Message>("message") }
    package static var whisper: Event<Message> { Event<Message>("whisper") }
    package static var people: Event<PeopleChange> { Event<PeopleChange>("people") }
    package static var rooms: Event<RoomsChange> { Event<RoomsChange>("rooms") }
    /// Room, name. Dropped for who cannot take it at once.
    package static var typing: Event<String, String> { Event<String, String>("typing") }
    package static var announcement: Event<Announcement> { Event<Announcement>("announcement") }
    /// Why the server ends the connection now. There is a way back: to connect again.
    package static var removed: Event<String> { Event<String>("removed") }
}
