// What must not be compressed, whatever its size: `compress(false)`.

extension EngineShard {
    /// Whether anything is compressed at all.
    package var compresses: Bool { compression != nil || bodyCompression != nil }

    /// Runs `body`, whose messages to WebSockets are sent as they are. Those on polling are told with `holdUncompressed`.
    ///
    /// - Parameter body: Runs no code of the application, which could send something of its own.
    package func uncompressed(_ body: () -> Void) {
        if let compression { compression.leavingOut(body) } else { body() }
    }
}

extension EngineSession {
    /// What is sent next must not be compressed: if it has to wait for a poll, the answer to that is not.
    package func holdUncompressed() {
        polling?.holdsUncompressed = true
    }
}
