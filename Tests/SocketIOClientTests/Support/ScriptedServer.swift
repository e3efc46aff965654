import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A server that says what a test tells it to, byte for byte, to each connection in turn.
final class ScriptedServer: Sendable {
    /// What it does with one connection.
    typealias Script = @Sendable (Connection) throws -> Void

    let port: Int
    private let listener: Int32
    private let accepted = Mutex(0)

    /// - Parameter script: Runs on a thread of its own for each connection, which it may block; the connection is
    ///   closed after it.
    init(_ script: @escaping Script) throws {
        listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        // SAFETY: the address is a local of the length given.
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard unsafe Glibc.bind(descriptor, generic, length) == 0, listen(descriptor, 128) == 0 else {
                    return false
                }
                return unsafe getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else { throw Ended() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let socket = accept(descriptor, nil, nil)
                guard socket >= 0 else { break }
                accepted.withLock { $0 += 1 }
                Thread.detachNewThread {
                    let connection = Connection(socket)
                    // The client may leave whenever it likes.
                    try? script(connection)
                    connection.close()
                }
            }
            // Not before: the next server may get the same descriptor.
            close(descriptor)
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connectionCount: Int { accepted.withLock { $0 } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    struct Ended: Error {}

    /// One connection, used by the thread of its script.
    final class Connection {
        private let socket: Int32
        private var unread: [UInt8] = []
        private var isClosed = false

        init(_ socket: Int32) {
            self.socket = socket
            // No test waits for longer.
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            // SAFETY: the value is a local of the length given.
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            // What is sent in pieces arrives in pieces, and at once.
            var isOn: Int32 = 1
            // SAFETY: the value is a local of the length given.
            unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }

        func send(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                // SAFETY: the buffer lives during the call.
                let sent = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { throw Ended() }
                rest = rest.dropFirst(sent)
            }
        }

        func send(_ text: String) throws { try send(Array(text.utf8)) }

        /// The body of the last request.
        private(set) var body = ""

        /// Reads a request up to its empty line, and its body; returns the head.
        func readRequest() throws -> String {
            while true {
                let text = String(decoding: unread, as: UTF8.self)
                if let end = text.range(of: "\r\n\r\n") {
                    let head = String(text[..<end.lowerBound])
                    var length = head.utf8.count + 4
                    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
                        length += Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
                    }
                    if unread.count >= length {
                        body = String(decoding: unread[(head.utf8.count + 4)..<length], as: UTF8.self)
                        unread.removeFirst(length)
                        return head
                    }
                }
                try readMore()
            }
        }

        /// The next bytes, this many.
        func read(_ count: Int) throws -> [UInt8] {
            while unread.count < count { try readMore() }
            defer { unread.removeFirst(count) }
            return Array(unread.prefix(count))
        }

        /// Waits until the client sends nothing more.
        func readToEnd() throws {
            while true { try readMore() }
        }

        private func readMore() throws {
            var buffer = [UInt8](repeating: 0, count: 4096)
            // SAFETY: no more is written than the buffer has.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw Ended() }
            unread += buffer[..<count]
        }

        func close() {
            guard !isClosed else { return }
            isClosed = true
            Glibc.close(socket)
        }
    }
}
