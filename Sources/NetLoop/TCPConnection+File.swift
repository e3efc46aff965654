extension TCPConnection {
    /// Sends of `range` of a file, after everything before it, what the kernel takes at once, without a copy in the process.
    ///
    /// - Returns: How many bytes; none where something waits already, where the connection is encrypted, and where this turn
    ///   has sent enough.
    package func send(_ file: OpenFile, _ range: Range<Int>) -> Int {
        flush(loop.output)
        guard isOpen, queue == nil, !loop.sending.isSpent else { return 0 }
        let sent = file.send(range, to: socket)
        loop.sending.spend(sent)
        loop.unsentBytes.noteTaken(sent)
        return sent
    }
}
