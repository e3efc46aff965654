internal import NetLoop

/// Where a server listens.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// The numeric address.
    public let host: String
    /// The port; the one that the system chose if zero was asked for.
    public let port: Int
    public let description: String

    init(_ address: SocketAddress) {
        host = address.host
        port = Int(address.port)
        description = address.description
    }
}
