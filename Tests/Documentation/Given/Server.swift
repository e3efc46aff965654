// What the snippets of the server's documents need not say.

public import SocketIO

public var io: SocketIOServer { fatalError() }
public var socket: Socket { fatalError() }
public var subscription: EventSubscription { fatalError() }

public struct Login: Codable, Sendable {
    public var name: String
    public var token: String
}

public struct User: Codable, Sendable {
    public var name: String

    public init(name: String) {
        self.name = name
    }
}

public struct Message: Codable, Sendable {
    public var text: String
}

public struct Users: Sendable {
    public func user(for token: String) async throws -> User? { nil }
    public var isThere: Bool { get async { true } }
}
public let users = Users()

public struct Log: Sendable {
    public func suffix(_ limit: Int) async -> [Message] { [] }
}
public let log = Log()

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
public let index: [Int: String] = [:]

public func measurement(of name: String) async -> Int { 0 }

public let text = ""
public let token = ""
public let secret = ""
public var directory: any NodeDirectory { fatalError() }
public let name = ""
public let id = 0
public let x = 0
public let y = 0
public let v = 0

public struct Refused: Error {
    public init() {}
}
public struct NotAllowed: Error {
    public init() {}
}

public struct Budget: Sendable {
    public func takes(_ id: SocketID) async -> Bool { true }
}
public let budget = Budget()

public struct Document: Sendable {
    public var pages: [String] { get async { [] } }
}
public let document = Document()
public let pages: [String] = []

/// A client's connection to another server.
public struct ClientConnection: Sendable {
    public var bytes: AsyncStream<[UInt8]> { fatalError() }

    public func writeHead(_ status: Int, _ headers: [(name: String, value: String)]) async throws {}
    public func write(_ bytes: [UInt8]) async throws {}
}
