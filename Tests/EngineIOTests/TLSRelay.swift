import NetLoop
import TestSupport

/// Takes plain connections and passes what they carry on to a TLS server, so that a client that knows no TLS can test
/// it.
struct TLSRelay: Sendable {
    let port: Int
    private let group: EventLoopGroup

    /// Relays to a port of this machine.
    ///
    /// - Parameter identity: Who it is to a server that asks.
    static func start(
        to port: Int, trusting authority: String, as identity: TLSIdentity? = nil
    ) async throws -> TLSRelay {
        let group = try EventLoopGroup(count: 1)
        let context = try TLSContext.client(extraRoots: authority, identity: identity)
        let bound = await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(on: SocketAddress(host: "127.0.0.1", port: 0)!, loop: loop, group: group) {
                    RelayEnd.join($0, toPort: UInt16(port), context)
                }
                return Int(listener.address.port)
            }
        }
        return TLSRelay(port: try bound.get(), group: group)
    }

    func stop() async {
        await group.loops[0].call { $0.closeAll() }
        group.stop()
    }
}

/// One of two connections that are joined: what arrives here is sent there.
private final class RelayEnd: ConnectionHandler {
    private let other: TCPConnection

    private init(_ other: TCPConnection) {
        self.other = other
    }

    static func join(_ plain: TCPConnection, toPort port: UInt16, _ context: TLSContext) {
        // What the client sends meanwhile waits in the kernel.
        plain.setReading(false)
        Connector(to: "localhost", port: port, on: plain.loop, tls: context) { result in
            guard case .success(let secure) = result else { return plain.close() }
            plain.handler = RelayEnd(secure)
            secure.handler = RelayEnd(plain)
            plain.setReading(true)
        }
    }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        other.send(Array(copying: bytes.span))
    }

    func peerFinished(_ connection: TCPConnection) {
        other.finish()
        connection.finish()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        other.close()
    }
}

extension Array where Element == UInt8 {
    fileprivate init(copying span: Span<UInt8>) {
        self = span.indices.map { span[$0] }
    }
}
