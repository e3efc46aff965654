/// How far a socket is.
enum SocketPhase: UInt8 {
    /// The middlewares are being asked.
    case connecting
    case disconnected
    case connected
    /// It ends once the `onDisconnecting` handlers, which may still use it, have returned.
    case disconnecting

    @inline(__always)
    static func isConnected(_ phase: UInt8) -> Bool { phase >= Self.connected.rawValue }
}
