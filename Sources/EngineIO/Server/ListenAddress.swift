internal import NetLoop

/// Where a server listens.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// The numeric address.
    public let host: String
    /// The port; the one that the system chose if zero was asked for.
    public let port: Int
    public let description: String

    /// For a reader of the log who wants to go there.
    func url(isSecure: Bool) -> String {
        let scheme = isSecure ? "https" : "http"
        return isAny ? "\(scheme)://localhost:\(port) (all addresses)" : "\(scheme)://\(description)"
    }

    /// Whether it stands for all addresses of the machine.
    private var isAny: Bool { host == "0.0.0.0" || host == "::" }

    init(_ address: SocketAddress) {
        host = address.host
        port = Int(address.port)
        description = address.description
    }
}
