/// Everything that a process of client sockets is told; it travels as JSON on the command line.
struct ClientPlan: Codable {
    /// What the sockets do.
    enum Work: String, Codable, CaseIterable {
        /// To emit an event, and another one for each that comes back.
        case echo
        /// To wait for an acknowledgement, and to ask anew.
        case ack
        /// Nothing: their memory is measured.
        case idle
    }

    var target = Target(address: Target.Address(host: "127.0.0.1", port: 0))
    var work = Work.echo
    /// Each with a connection of its own.
    var sockets = 100
    /// Messages that a socket has under way.
    var inFlight = 1
    /// Of the argument, a string.
    var bytes = 100
    /// What is measured; a warm-up comes before it.
    var seconds = 2.0

    var url: String { "http://\(target.address.host):\(target.address.port)" }

    /// The messages of the socket `index`, which it sends in turn: no two that are under way are alike.
    func texts(ofSocket index: Int) -> [String] {
        (0..<max(inFlight, 2)).map { slot in
            Argument.text(bytes, connection: index, slot: slot)
        }
    }
}
