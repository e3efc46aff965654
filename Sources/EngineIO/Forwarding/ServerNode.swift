internal import NetLoop
internal import SocketIOWire

/// A server that listens, as a node of a cluster: made anew by each `listen`, for all of its loops.
final class ServerNode: Sendable {
    let tag: NodeTag
    let proof: NodeProof
    let directory: any NodeDirectory
    let log: NodeLog
    /// For nodes that are reached with TLS.
    let tls: TLSContext?
    /// Connections to one other node, by each loop.
    let connectionLimit: Int
    /// After so long without a byte somebody has gone: no session is as silent.
    let patience: Duration
    let keepAliveTime: Duration

    private static let shortestSecret = 16

    /// - Parameter tls: What other nodes are to this one, where `listen` is given TLS.
    init(
        _ forwarding: NodeForwarding, _ configuration: EngineIOServer.Configuration, loopCount: Int, tls: TLSContext?,
        _ limits: LimitCounts
    ) {
        var generator = SystemRandomNumberGenerator()
        tag = NodeTag(using: &generator)
        proof = NodeProof(secret: forwarding.secret)
        directory = forwarding.directory
        log = NodeLog(configuration.logger, limits)
        self.tls = tls
        connectionLimit = max(forwarding.connectionsPerNode / max(loopCount, 1), 1)
        patience = (configuration.pingInterval.bounded + configuration.pingTimeout.bounded).bounded
        keepAliveTime = configuration.limits.keepAliveTime.bounded
    }

    /// Whom this server trusts to be a node, where nodes are reached with TLS.
    ///
    /// - Throws: `ListenError` if the settings are of no use.
    static func tls(for forwarding: NodeForwarding?, isSecure: Bool) throws(ListenError) -> TLSContext? {
        guard let forwarding else { return nil }
        guard forwarding.secret.utf8.count >= shortestSecret else {
            throw ListenError(
                .other, address: "",
                "the secret of `forwarding` has less than \(shortestSecret) bytes: give all nodes the same, of random ones."
            )
        }
        do {
            _ = try HTTPOrigin(parsing: url(of: forwarding, isSecure: isSecure, port: 1))
        } catch {
            throw ListenError(
                .other, address: "", "the host of `forwarding`, '\(forwarding.host)', is no name and no address.")
        }
        guard isSecure else { return nil }
        do throws(TLSError) {
            return try TLSContext.client(extraRoots: forwarding.authorities)
        } catch {
            throw ListenError(error, address: "")
        }
    }

    /// - Parameter port: Where the server listens.
    static func url(of forwarding: NodeForwarding, isSecure: Bool, port: UInt16) -> String {
        let host = forwarding.host.utf8.contains(UInt8(ascii: ":")) ? "[\(forwarding.host)]" : forwarding.host
        return "\(isSecure ? "https" : "http")://\(host):\(forwarding.port ?? Int(port))"
    }
}
