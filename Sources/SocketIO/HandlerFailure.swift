internal import SocketIOWire

/// What went wrong in the application's code for a socket, and where: what `SocketIOServer.onHandlerError` is told.
public struct HandlerFailure: Sendable, CustomStringConvertible {
    /// What a handler or a middleware threw, a `DecodingError` for an argument that is not of its type, or what kept a
    /// value from being encoded.
    public let error: any Error
    /// For whom it was.
    public let socket: Socket
    private let moment: Moment

    /// When it was.
    enum Moment: Sendable {
        case admitting
        /// A handler of the socket's beginning or end.
        case lifecycle
        /// A handler of an event, whose name this is.
        case handling(String)
        case sending(String)
        case acknowledging
        /// A middleware of the socket did not let an event of this name pass.
        case refusing(String)
        /// A member of the socket's `data`, whose name this is.
        case keeping(String)
        /// A handler, for an event that cannot have this name.
        case registering(String)

        /// The cause, as a line of the log begins with it: the same each time.
        var words: String {
            switch self {
            case .admitting: "a middleware failed"
            case .lifecycle: "a handler of a socket's life failed"
            case .handling(let event): "a handler of event '\(event)' failed"
            case .sending(let event): "event '\(event)' was not sent, because encoding it failed"
            case .acknowledging: "an acknowledgement was not sent"
            // The client has chosen the name.
            case .refusing: "a middleware of a socket refused an event"
            case .keeping(let member): "`data.\(member)` was not set, because encoding it failed"
            case .registering: "a handler was not registered"
            }
        }
    }

    init(_ error: any Error, of socket: Socket, in moment: Moment) {
        self.error = error
        self.socket = socket
        self.moment = moment
    }

    /// The name of the event that was being handled, refused or sent, or that a handler was for; nil if there was none, as in a
    /// middleware of `io.use`.
    public var event: String? {
        switch moment {
        case .handling(let event), .sending(let event), .refusing(let event), .registering(let event): event
        case .admitting, .lifecycle, .acknowledging, .keeping: nil
        }
    }

    /// Which of the event's arguments could not be decoded, counted from 0; nil if it was none of them.
    public var argument: Int? {
        guard case .handling = moment, let error = error as? DecodingError else { return nil }
        return ArgumentKey.position(in: error)
    }

    /// All of it, for a log.
    public var description: String { "\(cause): \(details)" }

    var cause: String { moment.words }
    private var refused: String { if case .refusing(let event) = moment { "event '\(event)', " } else { "" } }
    var details: String {
        "\(refused)\(argument.map { "argument \($0), " } ?? "")socket \(socket.id) of \(socket.namespace.name): \(error)"
    }
}
