public import SocketIOEvents

/// Where a broadcast begins: the server, a namespace, a socket (which is left out), or another broadcast.
public protocol BroadcastTarget: Sendable {
    /// All sockets that are meant so far.
    var broadcast: Broadcast { get }
}

extension BroadcastTarget {
    /// Only sockets in any of these rooms; adds to rooms named before.
    ///
    /// ```swift
    /// io.to("lobby").to("garden").emit("news", text)
    /// ```
    public func to(_ rooms: Room...) -> Broadcast {
        broadcast.adding(rooms: rooms)
    }

    /// Only sockets in any of these rooms; adds to rooms named before.
    public func to(_ rooms: [Room]) -> Broadcast {
        broadcast.adding(rooms: rooms)
    }

    /// Only the socket of this id; adds to rooms named before.
    public func to(_ id: SocketID) -> Broadcast {
        broadcast.adding(rooms: [Room(id)])
    }

    /// Not the sockets in any of these rooms.
    public func except(_ rooms: Room...) -> Broadcast {
        broadcast.adding(except: rooms)
    }

    /// Not the sockets in any of these rooms.
    public func except(_ rooms: [Room]) -> Broadcast {
        broadcast.adding(except: rooms)
    }

    /// Not the socket of this id.
    public func except(_ id: SocketID) -> Broadcast {
        broadcast.adding(except: [Room(id)])
    }

    /// Only the sockets of this node, where several are joined.
    public var local: Broadcast { broadcast.adding(options: .local) }

    /// JavaScript's `in` is `to` here: one name for one thing.
    @available(*, unavailable, renamed: "to(_:)")
    public func `in`(_ room: Room) -> Broadcast { to(room) }

    /// JavaScript's `in` is `to` here: one name for one thing.
    @_disfavoredOverload
    @available(*, unavailable, renamed: "to(_:)")
    public func `in`(_ room: String) -> Broadcast { to(room) }
}

// Rooms whose name is a `String`. A literal is a `Room`, which is why these forms are not preferred.
extension BroadcastTarget {
    /// Only sockets in any of these rooms; adds to rooms named before.
    @_disfavoredOverload
    public func to(_ rooms: String...) -> Broadcast {
        to(rooms.map(Room.init(_:)))
    }

    /// Only sockets in any of these rooms; adds to rooms named before.
    @_disfavoredOverload
    public func to(_ rooms: [String]) -> Broadcast {
        to(rooms.map(Room.init(_:)))
    }

    /// Not the sockets in any of these rooms.
    @_disfavoredOverload
    public func except(_ rooms: String...) -> Broadcast {
        except(rooms.map(Room.init(_:)))
    }

    /// Not the sockets in any of these rooms.
    @_disfavoredOverload
    public func except(_ rooms: [String]) -> Broadcast {
        except(rooms.map(Room.init(_:)))
    }
}
