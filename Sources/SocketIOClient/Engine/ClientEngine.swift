internal import SocketIOWire

/// One Engine.IO session, as a manager uses it: `EngineConnection`, or what a test puts in its place.
protocol ClientEngine: AnyObject {
    /// What the session travels by.
    var transport: EngineTransport { get }
    /// Whether a message sent now leaves with this turn: what volatile packets depend on.
    var isWritable: Bool { get }

    /// Begins the handshake.
    func start()
    /// Sends a message: text with its Engine.IO type in front.
    func send(text: Span<UInt8>)
    func send(binary: [UInt8])
    /// Whether the heartbeat is over and nobody has noticed: the machine slept.
    var isHeartbeatOver: Bool { get }
    /// Ends a session whose heartbeat is over, before anything is sent into a dead connection.
    func checkHeartbeat()
    /// Ends the session in order, after what was sent so far. The delegate hears nothing more.
    func close()
    /// Something went wrong; the delegate hears the end before this returns.
    func fail(_ error: ClientError?, because reason: EngineCloseReason)
}

/// What a session brings. Called on its loop, in the order received, and never from within `send` or `close`.
protocol ClientEngineDelegate: AnyObject {
    /// The handshake is complete: messages may be sent.
    func engineOpened(_ engine: any ClientEngine)
    /// A text message without its Engine.IO type; the bytes are valid during the call.
    func engineReceived(text: Span<UInt8>, on engine: any ClientEngine)
    func engineReceived(binary: [UInt8], on engine: any ClientEngine)
    /// The session goes on over WebSocket.
    func engineUpgraded(_ engine: any ClientEngine)
    /// A heartbeat.
    func enginePinged(_ engine: any ClientEngine)
    /// The last call. The error is there if something went wrong; before `engineOpened` it always is.
    func engineClosed(_ engine: any ClientEngine, because reason: EngineCloseReason, error: ClientError?)
}
