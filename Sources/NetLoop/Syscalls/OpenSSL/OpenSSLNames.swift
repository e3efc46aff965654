internal import SocketIOWire

/// Who a server is under each of its names (RFC 6066 3).
final class OpenSSLNames: Sendable {
    private final class Identity: Sendable {
        let context: OpenSSLContext

        init(_ context: consuming OpenSSLContext) {
            self.context = context
        }
    }

    private let library: OpenSSLLibrary
    /// By names in small letters; a wildcard without its star.
    private let identities: [[UInt8]: Identity]

    private enum Constant {
        static let hostName: CInt = 0
    }

    /// - Parameter make: Makes the context of each.
    init(
        _ identities: [String: TLSIdentity], _ make: (TLSIdentity) throws(TLSError) -> OpenSSLContext
    ) throws(TLSError) {
        library = try OpenSSLLibrary.load()
        var made: [[UInt8]: Identity] = [:]
        for (name, identity) in identities { made[Self.key(of: name)] = Identity(try make(identity)) }
        self.identities = made
    }

    private static func key(of name: String) -> [UInt8] {
        let bytes = name.utf8.map(\.lowercased)
        return bytes.starts(with: "*.".utf8) ? Array(bytes.dropFirst()) : bytes
    }

    /// Has `session` be who its client means; false if it means nobody here.
    @unsafe func choose(for session: OpenSSLLibrary.Object) -> Bool {
        // SAFETY: the session is in the middle of its handshake; the name is its own, null-terminated and copied.
        guard let name = unsafe library.serverName(session, Constant.hostName).map({ unsafe String(cString: $0) }),
            let identity = identity(for: Self.key(of: name))
        else { return false }
        return unsafe library.switchContext(session, identity.context.context) != nil
    }

    /// A name itself goes before the wildcard of its first label.
    private func identity(for name: [UInt8]) -> Identity? {
        if let own = identities[name] { return own }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return nil }
        return identities[Array(name[dot...])]
    }
}
