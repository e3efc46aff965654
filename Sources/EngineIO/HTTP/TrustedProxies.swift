internal import NetLoop
internal import SocketIOWire

/// The proxies in front of the server that are believed where a request comes from (Protocol.md 1.8).
///
/// ```swift
/// io.configuration.trustedProxies = ["127.0.0.1", "::1", "10.0.0.0/8"]
/// ```
///
/// A request that comes from one of these addresses has the address, the scheme and the name that the proxy gives it; one
/// that comes from elsewhere has those of its connection, whatever it says. Name the addresses of proxies alone: who shares
/// a network that is named here can take any address.
public struct TrustedProxies: Sendable, ExpressibleByArrayLiteral {
    /// Where a proxy says it. Only what your proxies write, or remove, is to be read: the other is the client's.
    public enum Fields: Sendable {
        /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, as most proxies write them. A proxy that passes one
        /// of these on as it came lets clients choose their scheme, or the name that `hosts` checks: it has to write all three.
        case xForwarded
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    /// Why a text is no address and no network.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// The text, and what is wrong with it.
        public let description: String
    }

    let trust: ProxyTrust

    /// Nobody: each request comes from where its connection does.
    public static let none: TrustedProxies = []

    /// - Parameters:
    ///   - networks: Addresses, and networks as `10.0.0.0/8` and `2001:db8::/32`.
    ///   - fields: Where these proxies say it.
    /// - Throws: `Failure`, if one is neither.
    public init(_ networks: [String], fields: Fields = .xForwarded) throws(Failure) {
        var parsed: [IPNetwork] = []
        for text in networks {
            do throws(IPNetwork.Failure) {
                parsed.append(try IPNetwork(parsing: text))
            } catch {
                throw Failure(description: "the trusted proxy \"\(text)\" \(error.words)")
            }
        }
        trust = ProxyTrust(parsed, fields: fields == .xForwarded ? .xForwarded : .forwarded)
    }

    /// Proxies that write `X-Forwarded-For`. The process ends, with words, if one is neither an address nor a network.
    public init(arrayLiteral networks: String...) {
        do throws(Failure) {
            try self.init(networks)
        } catch {
            // A literal is the program's own text; what comes from elsewhere goes to the initializer that throws.
            fatalError(error.description)
        }
    }
}

extension EngineShard {
    /// How a request came: by the connection, or by what another node or a trusted proxy says.
    func source(of head: HTTPRequestHead, on connection: TCPConnection) -> RequestSource {
        if let forwarder, case .proven(let source) = forwarder.node.proof.claim(of: head) { return source }
        let (address, isSecure) = (connection.peer.host, connection.isSecure)
        let trust = configuration.trustedProxies.trust
        return trust.isEmpty
            ? RequestSource(address: address, isSecure: isSecure)
            : trust.source(of: head, from: address, isSecure: isSecure)
    }
}
