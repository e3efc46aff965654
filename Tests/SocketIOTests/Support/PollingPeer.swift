/// A client over long-polling that says and hears Socket.IO's wire text.
final class PollingPeer {
    private let port: Int
    private let target: String
    private let getter: RawClient
    private let poster: RawClient
    let sessionID: String
    private(set) var sid = ""
    private var waiting: [String] = []

    init(_ port: Int, connecting: Bool = true) throws {
        self.port = port
        getter = try RawClient(port: port)
        poster = try RawClient(port: port)
        let open = try getter.get("/socket.io/?EIO=4&transport=polling").text
        guard open.hasPrefix(#"0{"sid":""#) else { throw Unexpected(what: open) }
        sessionID = String(open.dropFirst(9).prefix(20))
        target = "/socket.io/?EIO=4&transport=polling&sid=\(sessionID)"
        if connecting {
            try send("0")
            let reply = try receive()
            guard reply.hasPrefix(#"0{"sid":""#) else { throw Unexpected(what: reply) }
            sid = String(reply.dropFirst(9).dropLast(2))
        }
    }

    /// Posts one packet.
    func send(_ packet: String) throws {
        try post("4" + packet)
    }

    /// Posts a payload as it is.
    func post(_ payload: String) throws {
        let response = try poster.post(target, payload)
        guard response.status == 200, response.text == "ok" else { throw Unexpected(what: "\(response.status)") }
    }

    /// Begins a poll, to be ended with `endPoll`.
    ///
    /// - Parameter next: What is sent behind it, on the same connection.
    func beginPoll(before next: [UInt8] = []) throws {
        try getter.send(RawClient.requestBytes("GET", target) + next)
    }

    /// Sends more behind a poll.
    func send(behindPoll next: [UInt8]) throws {
        try getter.send(next)
    }

    /// The request that posts one packet.
    func request(posting packet: String) -> [UInt8] {
        RawClient.requestBytes("POST", target, body: Array("4\(packet)".utf8))
    }

    /// The packets of the poll that is open, as they are.
    func endPoll() throws -> [String] {
        try getter.response().text.split(separator: "\u{1E}").map(String.init)
    }

    /// The next packet of Socket.IO or binary one (`b` and base64); pings are answered.
    func receive() throws -> String {
        try getter.inOneWait {
            while waiting.isEmpty {
                try beginPoll()
                for packet in try endPoll() {
                    if packet == "2" {
                        try post("3")
                    } else if packet != "6" {
                        waiting.append(packet)
                    }
                }
            }
        }
        let packet = waiting.removeFirst()
        return packet.hasPrefix("4") ? String(packet.dropFirst()) : packet
    }

    /// Breaks both connections.
    func abort() {
        getter.abort()
        poster.abort()
    }
}
