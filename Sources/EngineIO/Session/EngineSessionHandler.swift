package import SocketIOWire

/// What a session brings. Called on the session's loop, in the order received.
package protocol EngineSessionHandler: AnyObject {
    /// It is the session's handler, and may send something. The first call.
    func begun()
    /// A text message, which is UTF-8; the bytes are valid during the call.
    func received(text: Span<UInt8>)
    func received(binary: [UInt8])
    /// A WebSocket is about to become the session's transport, and may fail to. Not the moment to send something.
    func upgrading()
    /// The session goes on over WebSocket. Not the moment to send something.
    func upgraded()
    /// Whether nothing is under way that the session's end would cut off.
    var isSettled: Bool { get }
    /// The last call.
    func sessionClosed(_ reason: EngineCloseReason)
}

extension EngineSessionHandler {
    package func begun() {}
    package func upgrading() {}
    package func upgraded() {}
}
