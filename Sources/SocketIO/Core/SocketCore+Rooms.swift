internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

extension SocketCore {
    /// Puts the socket into rooms, and tells who wants to hear of it.
    func join(_ rooms: [Room]) {
        shard.tell(enter(rooms))
    }

    /// Takes the socket out of rooms, and tells who wants to hear of it.
    func leave(_ rooms: [Room]) {
        shard.tell(exit(rooms))
    }

    /// Puts the socket into rooms.
    ///
    /// - Returns: What is to be told when nothing is being changed any more; nothing if nobody wants to hear of it.
    func enter(_ rooms: [Room]) -> [RoomChange] {
        guard phase != .disconnected else { return [] }
        shard.refreshHandlers()
        var changes: [RoomChange] = []
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                guard !isInOwnRoom else { continue }
                setInOwnRoom(true)
                if shard.notesRooms, isConnected { changes.append(.entered(name, id)) }
            } else if !isMember(of: name) {
                let count = socket.shared.load()?.memberships.withLock { $0.count } ?? 0
                guard count < shard.server.limits.roomsPerSocket else {
                    shard.server.log.tooManyRooms.note("socket \(id), in \(count) rooms", on: loop)
                    return changes
                }
                guard name.description.utf8.count <= shard.server.limits.roomNameBytes else {
                    shard.server.log.longRoomName.note(
                        "socket \(id), \(name.description.utf8.count) bytes", on: loop)
                    continue
                }
                let room = shard.room(name)
                let membership = Memberships.Membership(
                    name: name, room: LoopBound(room, on: loop), number: room.number, place: room.append(socket))
                socket.madeShared.memberships.withLock { $0.append(membership) }
                shard.server.administration?.tellJoined(name, id, in: shard.namespace)
                if shard.notesRooms { changes.append(.entered(name, id)) }
            }
        }
        return changes
    }

    private func isMember(of name: Room) -> Bool {
        guard let shared = socket.shared.load(), let room = shard.existingRoom(name) else { return false }
        return shared.memberships.withLock { $0.contains(room: room.number) }
    }

    private func exit(_ rooms: [Room]) -> [RoomChange] {
        guard phase != .disconnected else { return [] }
        shard.refreshHandlers()
        var changes: [RoomChange] = []
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                guard isInOwnRoom else { continue }
                setInOwnRoom(false)
                if shard.notesRooms, isConnected { changes.append(.left(name, id)) }
            } else if let room = shard.existingRoom(name),
                let membership = socket.shared.load()?.memberships.withLock({ $0.remove(room: room.number) })
            {
                exit(room, at: membership.place)
                shard.server.administration?.tellLeft(name, id, in: shard.namespace)
                if shard.notesRooms { changes.append(.left(name, id)) }
            }
        }
        return changes
    }

    /// Takes the socket, which is gone, out of all rooms.
    ///
    /// - Parameter wasConnected: Whether it was in the room of its own id as others see it.
    /// - Returns: As `enter`.
    func leaveAll(wasConnected: Bool) -> [RoomChange] {
        shard.refreshHandlers()
        var changes: [RoomChange] = []
        if shard.notesRooms, wasConnected, isInOwnRoom { changes.append(.left(Room(id), id)) }
        guard let shared = socket.shared.load() else { return changes }
        let all = shared.memberships.withLock { memberships in
            defer { memberships = Memberships() }
            return memberships.memberships
        }
        for membership in all {
            exit(membership.room.value, at: membership.place)
            shard.server.administration?.tellLeft(membership.name, id, in: shard.namespace)
            if shard.notesRooms { changes.append(.left(membership.name, id)) }
        }
        return changes
    }

    private func exit(_ room: RoomShard, at place: Int) {
        if let moved = room.remove(at: place) {
            moved.shared.load()?.memberships.withLock { $0.move(room: room.number, to: place) }
        }
        shard.removeIfEmpty(room)
    }
}
