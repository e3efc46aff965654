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
    /// About as much as telling of it takes.
    let byteCount: Int

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
        // The query is in the URL as well.
        let said = 2 * socket.session.request.byteCount
        byteCount =
            Self.overhead + said + rooms.reduce(0) { $0 + $1.description.utf8.count + 3 } + Self.byteCount(of: data)
    }

    /// Of names of members, ids and numbers.
    private static let overhead = 512

    private static func byteCount(of data: JSONObject) -> Int {
        guard !data.keys.isEmpty else { return 0 }
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        // What cannot be encoded is not told either.
        try? JSONCoding.encode(data, into: writer, attachments: &attachments)
        return attachments.reduce(writer.count) { $0 + $1.count }
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
