import TestSupport

/// A client as the official one is: it remembers the last text of each event, and shows it when it comes back.
final class ReturningPeer {
    private var raw: RawClient
    private(set) var sid = ""
    private(set) var pid = ""
    var offset: String?
    private(set) var isRecovered = false
    /// What came, without offsets; of events `n` only the number.
    private(set) var heard: [String] = []

    init(_ port: Int) throws {
        raw = try RawClient(port: port)
        try begin("")
        try awaitAnswer()
    }

    /// Opens a connection, and asks for a namespace.
    private func begin(_ namespace: String) throws {
        try raw.openWebSocket("/socket.io/?EIO=4&transport=websocket")
        _ = try next()
        let prefix = namespace.isEmpty ? "" : namespace + ","
        let shown = offset.map { #","offset":"\#($0)""# } ?? ""
        try raw.sendText("40\(prefix)" + (pid.isEmpty ? "{}" : #"{"pid":"\#(pid)"\#(shown)}"#))
    }

    private func awaitAnswer() throws {
        try raw.inOneWait {
            while true {
                let packet = try next()
                guard packet.hasPrefix("40") else {
                    note(packet)
                    continue
                }
                let parts = packet.split(separator: "\"")
                isRecovered = parts[7] == pid
                (sid, pid) = (String(parts[3]), String(parts[7]))
                return
            }
        }
    }

    /// The next packet, as it is.
    func next() throws -> String {
        try raw.inOneWait {
            while true {
                let packet = try raw.receiveText()
                guard packet == "2" else { return packet }
                try raw.sendText("3")
            }
        }
    }

    private func note(_ packet: String) {
        guard let match = packet.firstMatch(of: /,"(\d+-\d+)"\]$/) else { return heard.append(packet) }
        offset = String(match.1)
        let event = packet[..<match.range.lowerBound] + "]"
        heard.append(String(event.wholeMatch(of: /42\["n",(\d+)\]/)?.1 ?? event))
    }

    /// Takes all up to the event of this number.
    func hear(until number: Int) throws { try hear("\(number)") }

    /// Takes all up to what is noted so.
    func hear(_ last: String) throws {
        try raw.inOneWait {
            while heard.last != last { note(try next()) }
        }
    }

    /// Takes all until the server ends the connection.
    func hearUntilClosed() throws {
        try raw.inOneWait {
            while true {
                let frame = try raw.receiveFrame()
                switch frame.opcode {
                case .text where frame.text == "2": try raw.sendText("3")
                case .text: note(frame.text)
                case .close: return raw.close()
                case .continuation, .binary, .ping, .pong: break
                }
            }
        }
    }

    func takeHeard() -> [String] {
        defer { heard = [] }
        return heard
    }

    func send(_ packet: String) throws { try raw.sendText(packet) }

    func cut() { raw.abort() }

    /// Shows what is another's.
    func claim(_ pid: String, _ offset: String?) {
        self.pid = pid
        self.offset = offset
    }

    func comeBack(to port: Int, namespace: String = "") throws {
        raw = try RawClient(port: port)
        try begin(namespace)
        try awaitAnswer()
    }

    /// Comes back, and takes nothing of what it gets.
    func comeBackDeaf(to port: Int) throws {
        raw = try RawClient(port: port)
        try begin("")
    }
}
