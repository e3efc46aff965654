internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// A socket has entered a room, or left it.
enum RoomChange: Sendable {
    case entered(Room, SocketID)
    case left(Room, SocketID)
}

/// What the application wants to hear of the rooms of a namespace.
enum RoomHandler: Sendable {
    case created(@Sendable (Room) -> Void)
    case deleted(@Sendable (Room) -> Void)
    case joined(@Sendable (Room, SocketID) -> Void)
    case left(@Sendable (Room, SocketID) -> Void)
}

/// Tells the application of the rooms of a namespace, over all loops: one thing after another, in the order in which they are
/// noted here, so that a room is created before it is joined, and deleted once the last has left it.
///
/// Whoever notes something tells it, unless another loop, or a handler on the same one, is telling: then that one goes on with
/// it.
final class RoomWatch: Sendable {
    private enum News {
        case created(Room)
        case deleted(Room)
        case joined(Room, SocketID)
        case left(Room, SocketID)
    }

    private struct State {
        /// How many sockets are in each room, as far as the loops have told.
        var members: [Room: Int] = [:]
        var news: [News] = []
        var isTelling = false
    }

    private let state = Mutex(State())
    /// How often one turn looks for news before its loop goes on with its clients.
    private static let turnRounds = 16

    /// A loop begins to note changes; these rooms have members there already, which is no news.
    func adopt(_ members: [Room: Int]) {
        state.withLock { $0.members.merge(members, uniquingKeysWith: +) }
    }

    /// Notes what has happened, and tells it to `handlers`. Runs code of the application.
    func note(_ changes: [RoomChange], to handlers: [RoomHandler], on loop: EventLoop) {
        let tells = state.withLock { state in
            for change in changes { Self.note(change, &state) }
            guard !state.isTelling else { return false }
            state.isTelling = true
            return true
        }
        if tells { tell(handlers, on: loop) }
    }

    fileprivate func tell(_ handlers: [RoomHandler], on loop: EventLoop) {
        for _ in 0..<Self.turnRounds {
            guard let news = takeNews() else { return }
            for one in news {
                for handler in handlers { Self.tell(one, to: handler) }
            }
        }
        loop.post(FurtherNews(watch: self, handlers: handlers))
    }

    private static func note(_ change: RoomChange, _ state: inout State) {
        switch change {
        case .entered(let room, let id):
            let count = state.members[room] ?? 0
            state.members[room] = count + 1
            if count == 0 { state.news.append(.created(room)) }
            state.news.append(.joined(room, id))
        case .left(let room, let id):
            let count = state.members[room] ?? 1
            state.members[room] = count > 1 ? count - 1 : nil
            state.news.append(.left(room, id))
            if count <= 1 { state.news.append(.deleted(room)) }
        }
    }

    /// Nil, and nobody tells any more, if there are none.
    private func takeNews() -> [News]? {
        state.withLock { state in
            guard !state.news.isEmpty else {
                state.isTelling = false
                return nil
            }
            defer { state.news = [] }
            return state.news
        }
    }

    private static func tell(_ news: News, to handler: RoomHandler) {
        switch (news, handler) {
        case (.created(let room), .created(let handler)), (.deleted(let room), .deleted(let handler)): handler(room)
        case (.joined(let room, let id), .joined(let handler)), (.left(let room, let id), .left(let handler)):
            handler(room, id)
        case (.created, _), (.deleted, _), (.joined, _), (.left, _): break
        }
    }
}

/// Other loops have news all the time.
private struct FurtherNews: LoopMessage {
    let watch: RoomWatch
    let handlers: [RoomHandler]

    func deliver(on loop: EventLoop) { watch.tell(handlers, on: loop) }
}

extension NamespaceShard {
    /// Tells what has happened to rooms here. Runs code of the application: nothing is being changed any more.
    func tell(_ changes: [RoomChange]) {
        guard !changes.isEmpty else { return }
        namespace.roomWatch.note(changes, to: currentHandlers().rooms, on: loop)
    }
}
