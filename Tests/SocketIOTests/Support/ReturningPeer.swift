/// A client as the official one is: it remembers the last text of each event, and shows it when it comes back.
final class ReturningPeer {
    private let port: Int
    let namespace: String
    private(set) var peer: Peer
    private(set) var sid = ""
    private(set) var pid = ""
    var offset: String?
    private(set) var isRecovered = false
    /// The events' values, without name and offset.
    private(set) var received: [String] = []

    init(_ port: Int, namespace: String = "") throws {
        self.port = port
        self.namespace = namespace
        peer = try Peer(port, connecting: false)
        try ask()
        try finishConnecting()
    }

    private var prefix: String { namespace.isEmpty ? "" : namespace + "," }

    private func ask() throws {
        let shown = offset.map { #","offset":"\#($0)""# } ?? ""
        try peer.send("0\(prefix)" + (pid.isEmpty ? "" : #"{"pid":"\#(pid)"\#(shown)}"#))
    }

    func finishConnecting() throws {
        while true {
            let packet = try peer.receive()
            if packet.hasPrefix("2") {
                note(packet)
                continue
            }
            let parts = packet.split(separator: #"""#)
            guard packet.hasPrefix(#"0\#(prefix){"sid":""#), parts.count == 9 else { throw Unexpected(what: packet) }
            isRecovered = parts[7] == pid
            (sid, pid) = (String(parts[3]), String(parts[7]))
            return
        }
    }

    private func note(_ packet: String) {
        guard let start = packet.firstIndex(of: "["), packet.hasSuffix("]") else { return }
        var rest = packet[start...].dropLast()
        guard rest.hasPrefix(#"["e""#) else { return }
        rest = rest.dropFirst(4)
        if rest.hasSuffix(#"""#), let quote = rest.dropLast().lastIndex(of: #"""#) {
            let last = rest[quote...].dropFirst().dropLast()
            offset = String(last)
            if Self.isOffset(last) { rest = rest[..<quote].dropLast() }
        }
        received.append(rest.dropFirst().filter { $0 != "\"" })
    }

    /// Six letters of the log and a number.
    private static func isOffset(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 6 && UInt64(parts[1]) != nil
    }

    /// Takes all that has come, up to the answer of a question.
    func sync() throws {
        try peer.send(#"2\#(prefix)999["sync"]"#)
        while true {
            let packet = try peer.receive()
            if packet == "3\(prefix)999[true]" { return }
            note(packet)
        }
    }

    /// The same, until it has had so many events: what another thread has emitted may come behind an answer.
    func sync(until count: Int) throws {
        for _ in 0..<1_000 where received.count < count { try sync() }
    }

    func cut() { peer.raw.abort() }

    func comeBack() throws {
        try reopen()
        try finishConnecting()
    }

    /// Asks to come back, without hearing what the server says to that.
    func reopen() throws {
        peer = try Peer(port, connecting: false)
        try ask()
    }

    func send(_ packet: String) throws { try peer.send(packet) }
}
