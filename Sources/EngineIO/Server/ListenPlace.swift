internal import NetLoop

/// Where a server is to listen.
enum ListenPlace: CustomStringConvertible {
    case address(SocketAddress)
    /// All addresses of the machine.
    case everywhere(port: UInt16)

    /// - Parameter host: Nil for all addresses.
    init(host: String?, port: Int) throws(ListenError) {
        let number = UInt16(exactly: port)
        if let number, host == nil {
            self = .everywhere(port: number)
        } else if let number, let host, let address = SocketAddress(host: host, port: number) {
            self = .address(address)
        } else {
            let name = "\(host ?? "all addresses"):\(port)"
            throw ListenError(
                .invalidAddress, address: name,
                "cannot listen on \(name): give a numeric address and a port from 0 to 65535.")
        }
    }

    func listen() throws(SystemError) -> ListeningSocket {
        switch self {
        case .address(let address): try ListeningSocket(on: address)
        case .everywhere(let port): try .onAllAddresses(port: port)
        }
    }

    var description: String {
        switch self {
        case .address(let address): address.description
        case .everywhere(let port): SocketAddress.anyIPv6(port: port).description
        }
    }
}
