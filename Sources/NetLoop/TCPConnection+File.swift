extension TCPConnection {
    /// Sends of `range` of a file, after everything before it, what the kernel takes at once, without a copy in the process.
    ///
    /// - Returns: How many bytes; none where something waits already, and where the connection is encrypted.
    package func send(_ file: OpenFile, _ range: Range<Int>) -> Int {
        flush(loop.output)
        guard isOpen, queue == nil else { return 0 }
        return file.send(range, to: socket)
    }
}
