/// The channels of one namespace, as `@socket.io/redis-adapter` names them.
package struct RedisChannels: Equatable, Sendable {
    /// Broadcasts to all, to several rooms, or with `except`.
    package let broadcast: String
    package let request: String
    package let response: String
    /// Responses for one node, with `publishOnSpecificResponseChannel`.
    package let ownResponse: String

    /// - Parameters:
    ///   - key: In front of all names: the adapter's option.
    ///   - uid: Of the node.
    package init(key: String = "socket.io", namespace: String, uid: String) {
        broadcast = "\(key)#\(namespace)#"
        request = "\(key)-request#\(namespace)#"
        response = "\(key)-response#\(namespace)#"
        ownResponse = "\(response)\(uid)#"
    }

    /// What a node subscribes to for broadcasts.
    ///
    /// What has a meaning in a pattern is escaped, so that a namespace is no pattern; Node does not do it.
    package var broadcastPattern: String {
        var pattern = ""
        for scalar in broadcast.unicodeScalars {
            if "*?[]\\".unicodeScalars.contains(scalar) { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "*"
    }

    /// Where a broadcast goes: one room has a channel of its own, which nodes without the room need not read.
    package func broadcast(toRooms rooms: [String]) -> String {
        rooms.count == 1 ? "\(broadcast)\(rooms[0])#" : broadcast
    }

    /// The room that a message of `channel` is for; nil if the channel is that of all, or another's.
    package func room(ofChannel channel: Span<UInt8>) -> String? {
        let start = broadcast.utf8.count
        guard channel.count > start, channel[channel.count - 1] == UInt8(ascii: "#"),
            channel.extracting(0..<start).equals(broadcast.utf8.span)
        else { return nil }
        return String(validating: channel.extracting(start..<channel.count - 1))
    }
}
