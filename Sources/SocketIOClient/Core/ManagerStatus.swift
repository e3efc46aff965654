internal import SocketIOWire
internal import Synchronization

/// What the application reads of a manager, from any thread.
final class ManagerStatus: Sendable {
    /// What the connection travels by; nil without one.
    let transport = Mutex<EngineTransport?>(nil)
}
