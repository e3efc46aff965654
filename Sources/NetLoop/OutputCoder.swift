internal import SocketIOWire

/// Changes what a connection sends, before it is encrypted and before it waits for the peer: compresses it.
package protocol OutputCoder: AnyObject {
    /// Gives `body` what becomes of `bytes`, once. Runs in the middle of a send: it must not send anything itself.
    ///
    /// - Parameter offset: Where in the loop's output the bytes are; nil if they are elsewhere. What others are sent from the
    ///   same place, under the same `outputGeneration`, is the same.
    func code(_ bytes: Span<UInt8>, at offset: Int?, _ body: (Span<UInt8>) -> Void)
}

extension TCPConnection {
    /// Changes everything that is sent from now on.
    package func startCoding(_ coder: any OutputCoder) {
        guard isOpen else { return }
        flush(loop.output)
        madeQueue().coder = coder
    }

    /// Bytes that are taken at once of one that compresses: what it sends may be a thousand times as much in the same turn, before
    /// whoever takes it can say that it is enough.
    static var codedReadLimit: Int { 16 * 1024 }

    /// How much of the region is left free then.
    var codedReadReserve: Int { max(0, loop.receiveRegion.capacity - Self.codedReadLimit) }

    /// Sends what becomes of `bytes`.
    func enqueue(_ bytes: Span<UInt8>, at offset: Int?, by coder: any OutputCoder) {
        coder.code(bytes, at: offset) { coded in
            guard !coded.isEmpty else { return }
            enqueue(coded) { sent, backlog in backlog.append(copying: coded.extracting(sent..<coded.count)) }
        }
    }
}
