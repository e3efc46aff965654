// What snippets about tests need not say.

public import SocketIOTesting

public func registerChat(on io: SocketIOServer) {}

public var io: SocketIOServer { fatalError() }
public var app: TestServer { fatalError() }
public var ada: TestClient { fatalError() }
public var bob: TestClient { fatalError() }

public struct Message: Codable, Sendable {
    public var text: String
}

extension Event {
    public static var message: Event<Message> { Event<Message>("chat message") }
}
