internal import Synchronization

/// A socket that has its address, on its way to the loop that accepts from it.
///
/// `@unchecked Sendable`: it is made on one thread and taken, once, on another; the mailbox between them orders the two.
package final class ListeningSocket: @unchecked Sendable {
    /// The address that it got.
    package let address: SocketAddress
    private var descriptor: OwnedDescriptor?

    /// How many connections the kernel keeps until they are accepted; it allows no more than `somaxconn`.
    private static let backlog: CInt = 4096

    package init(on address: SocketAddress) throws(SystemError) {
        let listening = try StreamSocket.listen(on: address, backlog: Self.backlog)
        self.address = listening.address
        descriptor = .some(listening.socket)
    }

    /// All addresses of the machine: `::`, which takes IPv4 as well, or `0.0.0.0` where there is no IPv6.
    package static func onAllAddresses(
        port: UInt16, listen: (SocketAddress) throws(SystemError) -> ListeningSocket = ListeningSocket.init(on:)
    ) throws(SystemError) -> ListeningSocket {
        do throws(SystemError) {
            return try listen(.anyIPv6(port: port))
        } catch {
            guard error.isFamilyMissing else { throw error }
            return try listen(.anyIPv4(port: port))
        }
    }

    func take() -> OwnedDescriptor {
        guard let descriptor = descriptor.take() else { preconditionFailure("one listener for a socket") }
        return descriptor
    }
}
