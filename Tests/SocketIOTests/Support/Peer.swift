/// A client over WebSocket that says and hears Socket.IO's wire text, without Engine.IO's `4` for a message.
final class Peer {
    let raw: RawClient
    /// What the handshake said.
    let open: String
    /// The socket's id in the main namespace, once connected.
    private(set) var sid = ""

    /// Opens a session, and joins the main namespace unless told not to.
    init(_ port: Int, connecting: Bool = true, receiveBuffer: Int? = nil, query: String = "") throws {
        raw = try RawClient(port: port, receiveBuffer: receiveBuffer)
        try raw.openWebSocket("/socket.io/?EIO=4&transport=websocket\(query)")
        open = try raw.receiveText()
        if connecting { sid = try connect() }
    }

    /// Takes a polling session over, which has no poll open.
    init(_ port: Int, upgrading poller: PollingPeer) throws {
        raw = try RawClient(port: port)
        open = ""
        sid = poller.sid
        try raw.openWebSocket("/socket.io/?EIO=4&transport=websocket&sid=\(poller.sessionID)")
        try raw.sendText("2probe")
        guard try raw.receiveText() == "3probe" else { throw Unexpected(what: "no probe") }
        try raw.sendText("5")
    }

    /// Joins a namespace and returns the socket's id there.
    @discardableResult
    func connect(_ namespace: String = "", auth: String = "") throws -> String {
        let prefix = namespace.isEmpty ? "" : namespace + ","
        try send("0\(prefix)\(auth)")
        let reply = try receive()
        let head = #"0\#(prefix){"sid":""#
        guard reply.hasPrefix(head), reply.hasSuffix(#""}"#) else { throw Unexpected(what: reply) }
        let id = String(reply.dropFirst(head.count).dropLast(2))
        if namespace.isEmpty { sid = id }
        return id
    }

    func send(_ packet: String) throws {
        try raw.sendText("4" + packet)
    }

    func send(binary: [UInt8]) throws {
        try raw.sendBinary(binary)
    }

    /// The next packet; pings are answered.
    func receive() throws -> String {
        try raw.inOneWait {
            while true {
                let text = try raw.receiveText()
                if text == "2" {
                    try raw.sendText("3")
                } else if text.hasPrefix("4") {
                    return String(text.dropFirst())
                } else {
                    throw Unexpected(what: text)
                }
            }
        }
    }

    func receiveBinary() throws -> [UInt8] {
        let frame = try raw.receiveFrame()
        guard frame.opcode == .binary else { throw Unexpected(what: "\(frame)") }
        return frame.payload
    }

    /// Sends an event that asks for an acknowledgement, and waits for it: all before it has been handled by then.
    ///
    /// The server has to have `io.on("sync") { … }` from `answerSync`.
    func sync() throws {
        try send(#"2999["sync"]"#)
        let reply = try receive()
        guard reply == "3999[true]" else { throw Unexpected(what: reply) }
    }

    /// Whether the server closes the session with a close frame; what it sent before is skipped.
    func isClosedByServer() -> Bool {
        do {
            _ = try raw.receiveClose()
            return true
        } catch {
            return false
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let what: String
    var description: String { "unexpected: \(what)" }
}
