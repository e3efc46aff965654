internal import NetLoop
internal import SocketIOEvents

extension SocketCore {
    func joinNow(_ rooms: [Room]) {
        guard state != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                setInOwnRoom(true)
            } else if !isMember(of: name) {
                guard roomCount < shard.server.limits.roomsPerSocket else {
                    shard.server.logger.log(
                        .warning, "socket \(id) is in \(roomCount) rooms: raise `limits.roomsPerSocket`")
                    return
                }
                let room = shard.room(name)
                addMembership(LoopBound(room, on: loop), named: name, place: room.append(self))
            }
        }
    }

    func leaveNow(_ rooms: [Room]) {
        guard state != .disconnected else { return }
        for name in rooms {
            if SocketID(ownerOf: name) == id {
                setInOwnRoom(false)
            } else if let membership = removeMembership(of: name) {
                leave(membership)
            }
        }
    }

    func leaveAll() {
        for membership in removeAllMemberships() { leave(membership) }
    }

    private func leave(_ membership: Membership) {
        let room = membership.room.value
        if let moved = room.remove(at: membership.place) {
            moved.moveMembership(of: room.name, to: membership.place)
        }
        shard.removeIfEmpty(room)
    }
}
