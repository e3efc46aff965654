/// A connection to another machine, or to a socket of this one, did not come about.
package struct ConnectError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The name has no address; with the system's words.
        case unresolvable(String)
        /// The machine is there, and nothing listens on the port.
        case refused
        /// Nobody answered in time.
        case timedOut
        /// The host answered, and no secure connection came about.
        case insecure(TLSError)
        /// There is no way to any of the addresses.
        case unreachable
        /// The system refused for another reason.
        case failed(SystemError)

        init(_ error: SystemError) {
            if error.isConnectionRefused {
                self = .refused
            } else if error.isUnreachable {
                self = .unreachable
            } else if error.isTimeout {
                self = .timedOut
            } else {
                self = .failed(error)
            }
        }

        /// How much it says about the machine that was meant, where several addresses failed in different ways.
        var weight: Int {
            switch self {
            case .refused, .insecure: 3
            case .timedOut: 2
            case .failed: 1
            case .unreachable, .unresolvable: 0
            }
        }
    }

    /// A name or an address; the path of a socket of this machine where there is no port.
    package let host: String
    package let port: UInt16?
    package let reason: Reason

    package init(host: String, port: UInt16, reason: Reason) {
        (self.host, self.port, self.reason) = (host, port, reason)
    }

    package init(path: String, reason: Reason) {
        (host, port, self.reason) = (path, nil, reason)
    }

    private var target: String {
        guard let port else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What happened and what to do.
    package var description: String {
        switch reason {
        case .unresolvable(let text):
            "cannot connect to \(target): the name cannot be resolved (\(text)). Check its spelling and the network."
        case .refused:
            "cannot connect to \(target): connection refused. Check that the server runs and listens "
                + (port == nil ? "there." : "on this port.")
        case .timedOut:
            "cannot connect to \(target): no answer in time. Check the address, and that no firewall is in the way."
        case .unreachable:
            "cannot connect to \(target): no route to it. Check the network."
        case .insecure(let error):
            "cannot connect to \(target): \(error)"
        case .failed(let error):
            "cannot connect to \(target): \(error)"
        }
    }
}
