// What the snippets of the client's documents need not say.

public import SocketIOClient

public var manager: ClientManager { fatalError() }
public var socket: ClientSocket { fatalError() }
public var subscription: EventSubscription { fatalError() }
public var reason: ClientSocket.DisconnectReason { fatalError() }
public var configuration: ClientManager.Configuration {
    get { ClientManager.Configuration() }
    set {}
}

public struct AppLogger: ClientLogger {
    public let level = ClientManager.LogLevel.warning

    public init() {}

    public func log(_ level: ClientManager.LogLevel, _ message: String) {}
}

public struct Message: Codable, Sendable {
    public var text: String
}

extension Event {
    public static var message: Event<Message> { Event<Message>("chat message") }
}

public struct Wait: Codable, Sendable {
    public var seconds: Int
}
public var retryAfter: Int {
    get { 0 }
    set {}
}

public struct Board: Sendable {
    public func place(_ x: Int, _ y: Int) {}
}
public let board = Board()

public struct Receipt: Codable, Sendable {}

public struct Orders: Sendable {
    public func add(_ id: Int, then done: @escaping @Sendable (Receipt) -> Void) {}
    public func add(_ id: Int, then ack: Ack<Receipt>) {}
}
public let orders = Orders()

public func login() async throws -> String { "" }
public let token = ""
public let text = ""
public let url = ""
public let h: [String: String] = [:]
public let t = ""
public let x = 0
public let y = 0
public let v = 0
