internal import SocketIO
internal import SocketIOEvents
internal import SocketIOWire

// Between what a server says to other nodes and the forms that Node's adapters have for it.

extension ClusterSelection {
    init(_ audience: ClusterAudience, _ flags: ClusterFlags = ClusterFlags()) {
        var written = SelectionFlags()
        written.isVolatile = flags.isVolatile
        written.compress = flags.compress
        written.expectsSingleResponse = flags.expectsSingleResponse
        written.timeout = flags.timeout.map { Int(clamping: $0.wholeMilliseconds) }
        self.init(
            rooms: audience.rooms.map(\.description), except: audience.except.map(\.description), flags: written)
    }

    var parts: (audience: ClusterAudience, flags: ClusterFlags) {
        let audience = ClusterAudience(rooms: rooms.map { Room($0) }, except: except.map { Room($0) })
        let timeout = flags.timeout.flatMap { $0 < 0 ? nil : Duration.milliseconds($0) }
        return (
            audience,
            ClusterFlags(
                isVolatile: flags.isVolatile, compress: flags.compress, timeout: timeout,
                expectsSingleResponse: flags.expectsSingleResponse)
        )
    }
}

extension SocketDescription {
    init(_ socket: ClusterSocket) {
        let handshake = socket.handshake
        var headers = JSONObject()
        for field in handshake.headers.all {
            let name = field.name.lowercased()
            headers[name] = .string((headers[name]?.stringValue).map { "\($0), \(field.value)" } ?? field.value)
        }
        var query = JSONObject()
        for pair in handshake.query.raw.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[Self.decoded(parts[0])] = .string(parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
        let issued = handshake.issued
        self.init(
            id: socket.id.description,
            handshake: [
                "headers": .object(headers),
                "time": .string(ISODate(millisecondsSince1970: Int64(issued))?.description ?? ""),
                "address": .string(handshake.address), "xdomain": .bool(handshake.isCrossDomain),
                "secure": .bool(handshake.isSecure), "issued": .integer(Int64(issued)), "url": .string(handshake.url),
                "query": .object(query),
                // Without any it is empty in Node.
                "auth": (try? handshake.auth(as: JSONValue.self)) ?? [:],
            ], rooms: socket.rooms.map(\.description), data: .object(socket.data))
    }

    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        return PercentEncoding.decode(bytes.span, plusIsSpace: true)
    }
}

extension ClusterSocket {
    /// What is missing, or of another type than Node has it, is empty.
    init(_ socket: SocketDescription) {
        let handshake = socket.handshake
        let headers = (handshake["headers"].objectValue ?? [:]).flatMap { member in
            // A field that may come several times is a list.
            (member.value.arrayValue ?? [member.value]).compactMap { value in
                value.stringValue.map { (name: member.key, value: $0) }
            }
        }
        self.init(
            id: SocketID(socket.id),
            handshake: Handshake(
                url: handshake["url"].stringValue ?? "/", headers: headers,
                address: handshake["address"].stringValue ?? "", isSecure: handshake["secure"].boolValue ?? false,
                issued: handshake["issued"].intValue ?? 0, auth: handshake["auth"]),
            rooms: Set(socket.rooms.map { Room($0) }), data: socket.data.objectValue ?? [:])
    }
}
