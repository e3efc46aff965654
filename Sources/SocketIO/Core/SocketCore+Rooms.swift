internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

extension SocketCore {
    func joinNow(_ rooms: [Room]) {
        guard phase != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                setInOwnRoom(true)
            } else if !isMember(of: name) {
                let count = socket.shared.load()?.memberships.withLock { $0.count } ?? 0
                guard count < shard.server.limits.roomsPerSocket else {
                    shard.server.log.tooManyRooms.note("socket \(id), in \(count) rooms", on: loop)
                    return
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
            }
        }
    }

    private func isMember(of name: Room) -> Bool {
        guard let shared = socket.shared.load(), let room = shard.existingRoom(name) else { return false }
        return shared.memberships.withLock { $0.contains(room: room.number) }
    }

    func leaveNow(_ rooms: [Room]) {
        guard phase != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                setInOwnRoom(false)
            } else if let room = shard.existingRoom(name),
                let membership = socket.shared.load()?.memberships.withLock({ $0.remove(room: room.number) })
            {
                leave(room, at: membership.place)
                shard.server.administration?.tellLeft(name, id, in: shard.namespace)
            }
        }
    }

    func leaveAll() {
        guard let shared = socket.shared.load() else { return }
        let all = shared.memberships.withLock { memberships in
            defer { memberships = Memberships() }
            return memberships.memberships
        }
        for membership in all {
            leave(membership.room.value, at: membership.place)
            shard.server.administration?.tellLeft(membership.name, id, in: shard.namespace)
        }
    }

    private func leave(_ room: RoomShard, at place: Int) {
        if let moved = room.remove(at: place) {
            moved.shared.load()?.memberships.withLock { $0.move(room: room.number, to: place) }
        }
        shard.removeIfEmpty(room)
    }
}
