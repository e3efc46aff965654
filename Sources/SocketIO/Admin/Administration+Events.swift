internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// What the loops tell as it happens. They ask for nothing while nobody looks.

extension Administration {
    /// A socket has passed its middlewares.
    func connected(_ socket: Socket) {
        // An administrator's is told of by `welcome`, which begins to look.
        guard tellsAll, socket.namespace !== namespace else { return }
        tellJoined(Room(socket.id), socket.id, in: socket.namespace)
        report("socket_connected", AdminSocket(socket), Self.timestamp)
        overhear(socket)
    }

    func disconnected(_ socket: Socket, because reason: DisconnectReason) {
        forget(socket.id)
        guard tellsAll else { return }
        report(
            "socket_disconnected", socket.namespace.name, socket.id.description, reason.rawValue, Self.timestamp)
        tellLeft(Room(socket.id), socket.id, in: socket.namespace)
    }

    /// The session goes on over WebSocket.
    func upgraded(_ socket: Socket) {
        guard tellsAll else { return }
        report(
            "socket_updated",
            [
                "id": socket.id.description, "nsp": socket.namespace.name,
                "transport": EngineTransport.webSocket.rawValue,
            ])
    }

    /// The application keeps something else with a socket; any thread may say so.
    func changedData(of socket: Socket) {
        // Those who are told of it later are told what it has then.
        guard tellsAll, socket.isConnected else { return }
        socket.loop.post(ChangedData(administration: self, socket: socket))
    }

    fileprivate func tellData(of socket: Socket) {
        guard tellsAll, socket.isConnected else { return }
        let change: JSONValue = [
            "id": .string(socket.id.description), "nsp": .string(socket.namespace.name),
            "data": .object(socket.data.members),
        ]
        report("socket_updated", change)
    }

    func tellJoined(_ room: Room, _ id: SocketID, in namespace: Namespace) {
        tell("room_joined", room, id, namespace)
    }

    func tellLeft(_ room: Room, _ id: SocketID, in namespace: Namespace) {
        tell("room_left", room, id, namespace)
    }

    private func tell(_ event: EventName, _ room: Room, _ id: SocketID, _ namespace: Namespace) {
        guard tellsAll else { return }
        report(event, namespace.name, room.description, id.description, Self.timestamp)
    }

    // MARK: Events

    /// Has what a socket sends and gets told, from now on and as long as somebody looks.
    func overhear(_ socket: Socket) {
        // What administrators are told is not told to them.
        guard socket.namespace !== namespace else { return }
        let (id, space) = (socket.id.description, socket.namespace.name)
        keep(
            [
                socket.onAny { [weak self] name, values in
                    self?.report("event_received", space, id, [.string(name)] + values, Self.timestamp)
                },
                socket.onAnyOutgoing { [weak self] name, values in
                    self?.report("event_sent", space, id, [.string(name)] + values, Self.timestamp)
                },
            ], of: socket.id)
    }
}

/// What several threads change at once is looked at on the socket's loop: the last that is told is what it has.
private struct ChangedData: LoopMessage {
    let administration: Administration
    let socket: Socket

    func deliver(on loop: EventLoop) {
        administration.tellData(of: socket)
    }
}
