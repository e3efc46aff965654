/// Everything that a load generator is told; it travels as JSON on the command line.
struct LoadPlan: Codable {
    /// Where the load goes.
    var target = Target(address: Target.Address(host: "127.0.0.1", port: 0))
    /// Where the member of a room is that speaks, if not where the others are.
    var speaker: Target.Address?
    var work: Work
    var payload = Payload()
    var connections = 100
    /// Messages that a connection has under way.
    var inFlight = 1
    /// Rooms that each connection joins before the load begins.
    var rooms = 0
    var extent = Extent.time(warmUp: 0.3, seconds: 2)
    var pace = Pace.eager
    /// Whether the generator looks for replies all the time. Otherwise it sleeps where there are none, and each message
    /// that wakes it costs the server what waking somebody on the same machine costs.
    var looksWithoutSleep = false

    /// How long the server may be silent while it has something to answer, in milliseconds. One whose instructions are
    /// counted is some fifty times slower, and has to share the machine.
    var patience: CInt {
        switch extent {
        case .time: 10_000
        case .messages: 120_000
        }
    }

    /// How long the load lasts.
    enum Extent: Codable {
        /// In seconds; what happens before the end of the warm-up is not counted.
        case time(warmUp: Double, seconds: Double)
        /// This many requests in total, between two marks for callgrind.
        case messages(Int)
    }

    /// When the next message is sent.
    enum Pace: Codable, Equatable {
        /// As soon as a message is answered.
        case eager
        /// As soon as all messages of the connection are answered: the server sees the same batches in every run.
        case lockstep
        /// This many in a second, over all connections and in batches of `inFlight`, whether or not earlier ones are
        /// answered. Latency then counts from the moment when the message was due.
        case steady(Double)
    }
}

/// What the messages ask of the server.
enum Work: String, Codable, CaseIterable {
    /// To send the event back.
    case echo
    /// To acknowledge the event with its argument.
    case ack
    /// To join a room and to leave it again, each acknowledged.
    case joinLeave = "join-leave"
    /// To send the event to everybody in a room.
    case broadcast
    /// To accept a connection and to let it go.
    case connect
    /// To do nothing, for a connection that does nothing.
    case idle
    /// As `echo`, over long-polling.
    case polling
    /// To send a server-sent event to everybody, for the one that asks over WebSocket.
    case events
}

/// The argument of each event.
struct Payload: Codable, Equatable {
    enum Kind: String, Codable, CaseIterable {
        case string, object, binary
    }

    enum Handler: String, Codable, CaseIterable {
        /// A synchronous closure.
        case sync
        /// An asynchronous closure that does not suspend.
        case async
        /// A synchronous closure that takes a `Codable` struct.
        case typed
    }

    var kind = Kind.string
    var handler = Handler.sync
    /// Bytes of the argument: a string's without its quotes, an object's with its braces. A typed one has its own size.
    var bytes = 100

    /// The event that `bench serve` answers with such an argument; nil if it has none.
    var event: String? {
        switch (kind, handler) {
        case (.string, .sync): "echo-string"
        case (.string, .async): "echo-async"
        case (.object, .sync): "echo-json"
        case (.object, .typed): "echo-typed"
        case (.binary, .sync): "echo-binary"
        case (.string, .typed), (.object, .async), (.binary, .async), (.binary, .typed): nil
        }
    }
}
