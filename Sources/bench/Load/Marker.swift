import SocketIOWire

/// A connection over which the server is asked to mark a moment for callgrind.
struct Marker {
    private let connection: Connection
    private let epoll: Epoll
    private let buffer = ReceiveBuffer(capacity: 1 << 12)

    /// In milliseconds.
    private let patience: CInt

    init(_ connection: Connection, patience: CInt) throws {
        self.connection = connection
        self.patience = patience
        epoll = try Epoll()
        try epoll.add(connection.socket, token: 0)
    }

    /// Returns when the server has marked it.
    func mark() throws(LoadFailure) {
        let (request, reply) = (ByteWriter(), ByteWriter())
        Message.text(#"421["mark"]"#).appendMasked(to: request)
        Message.text("431[true]").appendPlain(to: reply)
        try connection.send(request.array())
        guard epoll.wait(milliseconds: patience) == 1,
            case .bytes(let count) = buffer.receive(from: connection.socket),
            buffer.array(0..<count) == reply.array()
        else { throw LoadFailure("the server does not mark the moment") }
    }
}
