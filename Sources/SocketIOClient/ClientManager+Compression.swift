internal import NetLoop

extension ClientManager {
    /// How messages over WebSocket are compressed (RFC 7692, permessage-deflate).
    ///
    /// A secret that is compressed together with what somebody else may choose can be guessed by its length.
    public struct PerMessageDeflate: Sendable, Hashable {
        /// Bytes of a message from which on it is compressed; 1024 by default.
        public var threshold = 1024
        /// From 1, fast, to 9, small; 6 by default.
        public var level = 6

        /// The defaults.
        public init() {}
    }
}

extension ClientManager.Configuration {
    /// What the connections compress with; nil if they do not.
    var compression: ClientCompression.Settings? {
        guard let perMessageDeflate, let library = try? ZlibLibrary.load() else { return nil }
        return ClientCompression.Settings(options: perMessageDeflate, library: library)
    }

    /// What is asked for and cannot be done.
    var missingCompression: String? {
        guard perMessageDeflate != nil else { return nil }
        do throws(SharedLibraryMissing) {
            _ = try ZlibLibrary.load()
            return nil
        } catch {
            return "nothing is compressed: \(error.howToHelp)"
        }
    }
}
