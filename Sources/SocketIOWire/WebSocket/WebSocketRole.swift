/// Which end of the connection we are: a client masks what it sends, a server does not (RFC 6455 5.1).
package enum WebSocketRole: Sendable {
    case server
    case client
}
