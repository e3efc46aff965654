internal import NetLoop
internal import SocketIOWire

extension EngineIOServer {
    /// How messages over WebSocket are compressed (RFC 7692, permessage-deflate).
    ///
    /// Compressing costs time, some 20 microseconds for each KiB. A secret that is compressed together with what somebody else
    /// may choose can be guessed by its length: send it by `socket.compress(false)`.
    public struct PerMessageDeflate: Sendable, Hashable {
        /// Bytes of a message from which on it is compressed; 1024 by default.
        public var threshold = 1024
        /// From 1, fast, to 9, small; 6 by default.
        public var level = 6
        /// How much memory compressing takes, from 1 to 9; 8 by default, which is 128 KiB.
        public var memoryLevel = 8
        /// Whether the server compresses each message on its own; the default.
        ///
        /// Then all clients of an event loop share one window, what goes to many is compressed once, and a connection has no
        /// window of its own. Without it each connection has a window of its own, 256 KiB with the defaults, and messages that resemble
        /// each other become smaller.
        public var serverNoContextTakeover = true
        /// Whether clients are asked to do so, which saves the server 40 KiB for each; the default.
        public var clientNoContextTakeover = true
        /// How far back the server finds what repeats: two to the power of this, in bytes, from 8 to 15; 15 by default.
        public var serverMaxWindowBits = 15
        /// The same for clients, of those that can be told; 15 by default.
        public var clientMaxWindowBits = 15

        /// The defaults.
        public init() {}

        /// What the server wishes; a window of 15 bits need not be spoken about.
        var terms: DeflateTerms {
            var terms = DeflateTerms()
            terms.serverNoContextTakeover = serverNoContextTakeover
            terms.clientNoContextTakeover = clientNoContextTakeover
            terms.serverMaxWindowBits = serverMaxWindowBits < 15 ? max(serverMaxWindowBits, 8) : nil
            terms.clientMaxWindowBits = clientMaxWindowBits < 15 ? max(clientMaxWindowBits, 8) : nil
            return terms
        }
    }
}

extension EngineIOServer.Configuration {
    /// Says that nothing is compressed, if it is asked for and cannot be done.
    func noteMissingCompression() {
        guard perMessageDeflate != nil || httpCompression != nil else { return }
        do throws(SharedLibraryMissing) {
            _ = try ZlibLibrary.load(zlib)
        } catch {
            logger.log(at: .warning, "nothing is compressed: \(error.howToHelp)")
        }
    }
}
