/// What a namespace's handlers are given: `Socket`, and nothing else.
///
/// Where an event is named by a text, `on` asks for a type parameter of this protocol, so that the compiler asks for the
/// closure's types: `{ (socket: Socket) in … }`. Were it `Socket`, then JavaScript's `io.on("connection") { socket in … }`
/// would be a handler of an event `connection`, which no client sends.
public protocol HandledSocket: Sendable {
    /// The socket itself.
    static func receiver(_ socket: Socket) -> Self
}

extension Socket: HandledSocket {
    public static func receiver(_ socket: Socket) -> Socket { socket }
}
