/// The sockets of one session but for the main namespace's, by the names on the wire.
struct NamespacedSockets {
    private(set) var all: [Socket] = []
    /// Where each of them is.
    private var names = NameIndex()

    subscript(name: Span<UInt8>) -> Socket? {
        names.position(of: name).map { all[$0] }
    }

    mutating func append(_ socket: Socket) {
        names.append(socket.shard.wireName)
        all.append(socket)
    }

    /// Forgets `socket`, if it is the one of its namespace.
    mutating func remove(_ socket: Socket) {
        let name = socket.shard.wireName
        guard let position = names.position(of: name.span), all[position] === socket else { return }
        names.remove(at: position)
        all.swapAt(position, all.count - 1)
        all.removeLast()
    }
}
