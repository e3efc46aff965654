/// Lets a load balancer send the requests of one session to any node: each node passes on to the right one what is not its
/// own (Protocol.md 3.9).
///
/// ```swift
/// io.configuration.engine.forwarding = NodeForwarding(host: "10.0.0.5", secret: secret, directory: directory)
/// ```
/// The nodes reach each other at the port that they listen on, with HTTP, or with HTTPS where `listen` is given `tls`. They
/// have the same settings and the same secret, which goes over their connections as it is: let these stay in a network of
/// your own, or use TLS.
///
/// The id of a session begins with the name of its node, in place of 36 of 120 random bits; with `generateID` it is put in
/// front of what that returns. A session whose node is gone is unknown (code 1), so that its client connects anew.
///
/// Without effect where the server does not listen itself: within another server, and in the process of a test.
public struct NodeForwarding: Sendable {
    /// The name or the address by which the other nodes reach this one, without brackets.
    public var host: String
    /// The port; by default the one that the server listens on.
    public var port: Int?
    /// What all nodes know and nobody else: who has it can pass for any address. At least 16 bytes.
    public var secret: String
    /// Where the nodes find each other.
    public var directory: any NodeDirectory
    /// For how long a node is known after it has said that it is there, which it does three times in that time; 15 seconds by
    /// default. One that ends in order says so.
    public var lifetime = Duration.seconds(15)
    /// Connections from this node to one other, 16,384 by default; each event loop has an equal share. A WebSocket that is
    /// passed through, and a poll that waits, have one each. At it: 503.
    public var connectionsPerNode = 16_384
    /// With TLS, the path of a PEM file with further certificates to trust, as that of your own authority. The nodes'
    /// certificates have to name their `host`.
    public var authorities: String?

    /// A node that others reach at `host`.
    public init(host: String, port: Int? = nil, secret: String, directory: any NodeDirectory) {
        self.host = host
        self.port = port
        self.secret = secret
        self.directory = directory
    }
}
