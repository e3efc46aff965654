import ChatEvents
import SocketIO

/// Tells everybody who has come and gone, and which rooms there are: what changed, collected, and from here alone.
///
/// A handler that tells it itself is wrong in two ways. Handlers run on several loops: one that decides first under the lock
/// may send last, and what it sends takes effect at once on its own loop, but is posted to the others. So `left` overtakes
/// `joined`, and somebody is shown who is not there. And what one person can do a thousand times is sent to everybody a
/// thousand times.
///
/// One task sends everything in the order of the changes, which the library keeps for one caller. What it sends and the
/// answer to `join` may still cross: both have numbers, so that a client knows which is newer.
struct NewsDelivery: Sendable {
    let io: SocketIOServer
    let chat: Chat

    /// Delivers until the task is cancelled.
    ///
    /// - Parameter pause: The time in which news are collected.
    func run(pause: Duration = .milliseconds(100)) async {
        for await _ in chat.bell {
            deliver()
            // Cancelled: the sequence has ended then, too.
            try? await Task.sleep(for: pause)
        }
    }

    func deliver() {
        let news = chat.change { $0.takeNews() }
        if let rooms = news.rooms { io.emit(.rooms, rooms) }
        for (room, change) in news.people { io.to(.all(in: room)).emit(.people, change) }
    }
}

// The prefixes keep what visitors name apart from what they must not join: other people's private rooms.
extension Room {
    /// Everybody in a room of the chat.
    static func all(in room: Name) -> Room { Room("room:\(room.looks)") }
    /// All sockets of a person.
    static func person(_ name: Name) -> Room { Room("person:\(name.looks)") }
}
