// What the snippets of the Redis adapter's documents need not say.

public import SocketIO

public let secret = ""

public var configuration: SocketIOServer.Configuration {
    get { fatalError() }
    set {}
}
