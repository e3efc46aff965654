/// Speaks on a connection, and has something to do when the server closes.
protocol ServerCloseObserver: AnyObject {
    /// The server closes, and waits a moment for what is under way.
    func serverCloses()
}
