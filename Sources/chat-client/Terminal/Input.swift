import Dispatch
import Foundation

/// Reads the standard input, no further ahead than is allowed.
final class Input: Sendable {
    /// Bytes of keys, or lines, that may wait.
    private let allowed: DispatchSemaphore

    /// Lines that may wait: as many as fit into the outbox, where a byte that is no UTF-8 has become three.
    private static let lines = Outbox.limit / (3 * LineSplitter.limit + Outbox.overhead)

    /// Begins to read: keys of a terminal that gives them one by one, or lines.
    ///
    /// - Parameter interrupt: Called for Ctrl-C at once: also where nobody takes what is in the inbox.
    init(keys: Bool, _ inbox: Inbox, interrupt: @escaping @Sendable () -> Void) {
        allowed = DispatchSemaphore(value: keys ? 4096 : Self.lines)
        Thread.detachNewThread { [allowed] in
            if keys { Self.readKeys(allowed, inbox, interrupt) } else { Self.readLines(allowed, inbox) }
            inbox.put(.endOfInput)
        }
    }

    /// One more may be read.
    func allow() {
        allowed.signal()
    }

    private static func readKeys(_ allowed: DispatchSemaphore, _ inbox: Inbox, _ interrupt: () -> Void) {
        while let byte = readByte() {
            guard byte != 0x03 else {
                interrupt()
                continue
            }
            allowed.wait()
            inbox.put(.key(byte))
        }
    }

    private static func readLines(_ allowed: DispatchSemaphore, _ inbox: Inbox) {
        var splitter = LineSplitter()
        func hand(_ line: LineSplitter.Line?) {
            guard let line else { return }
            allowed.wait()
            switch line {
            case .line(let text): inbox.put(.line(text))
            case .tooLong: inbox.put(.lineTooLong)
            }
        }
        while let byte = readByte() { hand(splitter.take(byte)) }
        hand(splitter.finish())
    }

    /// Nil at the end.
    private static func readByte() -> UInt8? {
        while true {
            let byte = getchar()
            if byte >= 0 { return UInt8(truncatingIfNeeded: byte) }
            guard errno == EINTR else { return nil }
            errno = 0
        }
    }
}
