internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A handler of any event that is registered on one socket.
final class CatchAllHandler: Sendable {
    typealias Body = @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void

    let id = RegistrationID.next()
    let call: Body
    private let cancelled = Atomic<Bool>(false)

    init(_ body: @escaping Body) {
        call = body
    }

    /// Whether it is not to be registered any more: the request to do so may still be on its way.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }
}

/// Handlers of any event of one direction, in the order in which they are called.
struct CatchAllHandlers {
    enum Change: Sendable {
        case append(CatchAllHandler)
        case prepend(CatchAllHandler)
        case remove(id: UInt64)
        case removeAll
    }

    /// The latest is called first.
    private var prepended = DepartureQueue<CatchAllHandler>()
    private var appended = DepartureQueue<CatchAllHandler>()

    var isEmpty: Bool { prepended.isEmpty && appended.isEmpty }

    var all: [CatchAllHandler] { prepended.elements.reversed() + appended.elements }

    /// - Returns: What is no longer held, to be let go of once nothing is being changed: it may run code of the
    ///   application then.
    mutating func apply(_ change: Change) -> [CatchAllHandler] {
        switch change {
        case .append(let handler):
            if !handler.isCancelled { appended.append(handler, id: handler.id) }
            return []
        case .prepend(let handler):
            if !handler.isCancelled { prepended.append(handler, id: handler.id) }
            return []
        case .remove(let id):
            return [prepended.remove(id) ?? appended.remove(id)].compactMap { $0 }
        case .removeAll:
            defer { self = CatchAllHandlers() }
            return all
        }
    }
}

/// The two lists of a socket, apart from it because few have them.
final class CatchAll {
    var incoming = CatchAllHandlers()
    var outgoing = CatchAllHandlers()

    var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

    enum Direction: Sendable {
        case incoming
        case outgoing
    }

    func apply(_ change: CatchAllHandlers.Change, _ direction: Direction) -> [CatchAllHandler] {
        switch direction {
        case .incoming: incoming.apply(change)
        case .outgoing: outgoing.apply(change)
        }
    }
}
