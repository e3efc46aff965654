internal import EngineIO
internal import SocketIOEvents
internal import SocketIOWire

// Clients of Socket.IO 2, which speak Engine.IO 3 (Protocol.md 9.6).

extension SessionSockets {
    var isOfVersion2: Bool {
        switch session.dialect {
        case .revision3: true
        case .revision4: false
        }
    }

    /// The client is in the main namespace without asking.
    func begun() {
        guard isOfVersion2 else { return }
        let main: [UInt8] = []
        receiving { () throws(ProtocolViolation) in connect(main.span, auth: Self.auth(ofQuery: [])) }
    }

    /// What later versions have as `auth` is a query behind the name.
    func connectOfVersion2(_ target: Span<UInt8>) throws(ProtocolViolation) {
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        // `/` itself names the main namespace.
        let name = target.extracting(0..<(end == 1 ? 0 : end))
        // The ids of its sockets are not new: the former one would have the same.
        guard socket(of: name) == nil else {
            throw ProtocolViolation(.unexpected, "a CONNECT for a namespace that is joined")
        }
        connect(name, auth: Self.auth(ofQuery: Array(target.extracting(min(end + 1, target.count)..<target.count))))
    }

    /// A new socket enters `namespace`, if the middlewares let it. Its client knows its id without being told, and cannot
    /// come back.
    func joinOfVersion2(_ namespace: Namespace, auth: [UInt8]) {
        let name = namespace.wireName.isEmpty ? "" : namespace.name + "#"
        let id = SocketID(name + session.id)
        let socket = enter(namespace, id: id, auth: auth, recovery: nil)
        let core = SocketCore(socket)
        if SocketID(ownerOf: Room(id)) == nil {
            // It does not say of itself that it is a socket's: its room is one like any other.
            core.setInOwnRoom(false)
            core.join([Room(id)])
            // Whoever heard of that may have ended it.
            guard core.phase == .connecting else { return }
        }
        core.admit()
    }

    /// An object of the query's values, those of a name that is there several times as an array.
    private static func auth(ofQuery query: [UInt8]) -> [UInt8] {
        var values: [(name: String, values: [String])] = []
        for item in HTTPQuery(query).items {
            if let index = values.firstIndex(where: { $0.name == item.name }) {
                values[index].values.append(item.value)
            } else {
                values.append((item.name, [item.value]))
            }
        }
        let writer = ByteWriter()
        writer.append(UInt8(ascii: "{"))
        for (index, entry) in values.enumerated() {
            if index > 0 { writer.append(UInt8(ascii: ",")) }
            writer.append(json: entry.name)
            writer.append(UInt8(ascii: ":"))
            append(entry.values, to: writer)
        }
        writer.append(UInt8(ascii: "}"))
        return writer.array()
    }

    private static func append(_ values: [String], to writer: ByteWriter) {
        guard values.count != 1 else { return writer.append(json: values[0]) }
        writer.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { writer.append(UInt8(ascii: ",")) }
            writer.append(json: value)
        }
        writer.append(UInt8(ascii: "]"))
    }
}
