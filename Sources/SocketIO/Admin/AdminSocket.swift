internal import EngineIO
internal import SocketIOEvents
internal import SocketIOWire

/// A socket as administrators see it.
struct AdminSocket: Encodable, Sendable {
    struct HandshakeSummary: Encodable, Sendable {
        let address: String
        let headers: [String: String]
        let query: [String: String]
        let issued: Int
        let secure: Bool
        let time: String
        let url: String
        let xdomain: Bool
    }

    let id: SocketID
    let clientId: String
    let transport: EngineTransport?
    let nsp: String
    /// What the application keeps with it for whoever finds it.
    let data: JSONObject
    let handshake: HandshakeSummary
    let rooms: [Room]

    /// On the socket's loop.
    init(_ socket: Socket) {
        id = socket.id
        // As much as tells clients apart: the whole is what a client proves itself with.
        clientId = String(socket.session.id.prefix(12))
        transport = socket.session.transport
        nsp = socket.namespace.name
        data = socket.data.members
        handshake = HandshakeSummary(socket.handshake)
        rooms = Array(socket.rooms)
    }

    private enum CodingKeys: String, CodingKey {
        case id, clientId, transport, nsp, data, handshake, rooms
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id.description, forKey: .id)
        try container.encode(clientId, forKey: .clientId)
        try container.encode(transport?.rawValue, forKey: .transport)
        try container.encode(nsp, forKey: .nsp)
        try container.encode(data, forKey: .data)
        try container.encode(handshake, forKey: .handshake)
        try container.encode(rooms.map(\.description), forKey: .rooms)
    }
}

extension AdminSocket.HandshakeSummary {
    /// Without cookies and `authorization`, with which an administrator could pass for a user; what is in the URL is shown.
    private static let headers = [
        "accept", "accept-encoding", "accept-language", "connection", "forwarded", "host", "origin", "referer",
        "sec-websocket-version", "upgrade", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    ]

    init(_ handshake: Handshake) {
        address = handshake.address
        headers = Self.headers.reduce(into: [:]) { $0[$1] = handshake.headers[$1] }
        query = Dictionary(handshake.query.items.map { ($0.name, $0.value) }) { first, _ in first }
        issued = handshake.issued
        secure = handshake.isSecure
        time = ISODate(millisecondsSince1970: Int64(issued))?.description ?? ""
        url = handshake.url
        xdomain = handshake.isCrossDomain
    }
}
