internal import NetLoop

/// The server could not listen.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    /// What went wrong; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable, Sendable {
            case addressInUse, permissionDenied, invalidAddress, alreadyListening, invalidIdentity, missingLibrary,
                other
        }
        private let value: Value
        /// Another process, or another server of this one, has the port.
        public static let addressInUse = Code(value: .addressInUse)
        /// Ports below 1024 are often kept for the administrator.
        public static let permissionDenied = Code(value: .permissionDenied)
        /// The host is not a numeric address of this machine.
        public static let invalidAddress = Code(value: .invalidAddress)
        /// The server listens already, or is still closing.
        public static let alreadyListening = Code(value: .alreadyListening)
        /// The files of `tls` hold no certificate and key that belong together.
        public static let invalidIdentity = Code(value: .invalidIdentity)
        /// TLS needs a library that is not installed.
        public static let missingLibrary = Code(value: .missingLibrary)
        /// The system refused for another reason, which the description tells.
        public static let other = Code(value: .other)
    }

    /// Why.
    public let code: Code
    /// The host and the port that were asked for.
    public let address: String
    /// What happened and what to do.
    public let description: String

    init(_ code: Code, address: String, _ description: String) {
        self.code = code
        self.address = address
        self.description = description
    }

    init(_ error: TLSError, address: String) {
        let code: Code =
            switch error {
            case .libraryMissing: .missingLibrary
            case .certificateFile, .keyFile, .keyMismatch, .bundle: .invalidIdentity
            case .selfSigned, .unknownIssuer, .expired, .notYetValid, .wrongHost, .untrusted, .failed: .other
            }
        self.init(code, address: address, "cannot listen on \(address): \(error)")
    }

    init(_ error: SystemError, address: String) {
        if error.isAddressInUse {
            self.init(
                .addressInUse, address: address,
                "cannot listen on \(address): the port is in use. Stop the other program, or choose another port.")
        } else if error.isPermissionDenied {
            self.init(
                .permissionDenied, address: address,
                "cannot listen on \(address): permission denied. Choose a port from 1024 up.")
        } else if error.isAddressUnavailable {
            self.init(
                .invalidAddress, address: address,
                "cannot listen on \(address): this machine does not have the address. 0.0.0.0 stands for all it has.")
        } else {
            self.init(.other, address: address, "cannot listen on \(address): \(error)")
        }
    }
}
