internal import NetLoop

/// Where a server is to listen.
enum ListenPlace: CustomStringConvertible {
    case address(SocketAddress)
    /// All addresses of the machine.
    case everywhere(port: UInt16)
    /// Nowhere: connections are handed over within the process, where time may be moved, too.
    case process(ManualTime?)

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

    /// Nil where there is nothing to listen on.
    func listen() throws(SystemError) -> ListeningSocket? {
        switch self {
        case .address(let address): try ListeningSocket(on: address)
        case .everywhere(let port): try .onAllAddresses(port: port)
        case .process: nil
        }
    }

    /// The time of the loops, where it is not the machine's.
    var time: ManualTime? {
        switch self {
        case .process(let time): time
        case .address, .everywhere: nil
        }
    }

    var description: String {
        switch self {
        case .address(let address): address.description
        case .everywhere(let port): SocketAddress.anyIPv6(port: port).description
        case .process: "this process"
        }
    }
}
