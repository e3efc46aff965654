#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A TCP client that blocks, and knows no more of a protocol than a test tells it.
///
/// Every wait has a deadline. Use it where blocking hurts nobody: inside `offPool`, or on a thread of your own.
package final class RawClient {
    /// How long any one wait may take.
    package var patience: Duration
    /// When the wait that others are part of has to end.
    private var end: ContinuousClock.Instant?
    private let descriptor: CInt
    private var isClosed = false
    /// What arrived and was not taken yet.
    private(set) var unread: [UInt8] = []
    /// Whether the peer ended its side, in order or by a reset.
    package private(set) var isEnded = false

    /// Connects to a port of this machine.
    ///
    /// - Parameters:
    ///   - source: The last byte of the address that it comes from, 127.0.0.x; by default the system's choice.
    ///   - receiveBuffer: Bytes that the kernel holds for a client that does not read.
    ///   - patience: How long any one wait may take.
    package init(
        port: Int, from source: UInt8? = nil, receiveBuffer: Int? = nil, patience: Duration = .seconds(30)
    ) throws {
        self.patience = patience
        descriptor = C.socket()
        guard descriptor >= 0 else { throw RawClientError("socket", errno) }
        if let receiveBuffer { setOption(SOL_SOCKET, SO_RCVBUF, CInt(receiveBuffer)) }
        setOption(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        #if canImport(Darwin)
            setOption(SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
        let descriptor = descriptor
        var result: CInt = 0
        if let source {
            result = unsafe Self.withAddress(of: source, port: 0) { unsafe bind(descriptor, $0, $1) }
        }
        if result == 0 { result = unsafe Self.withAddress(of: 1, port: port) { unsafe connect(descriptor, $0, $1) } }
        guard result == 0 else {
            let code = errno
            close()
            throw RawClientError("connect", code)
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static func withAddress(
        of lastByte: UInt8, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(lastByte)).bigEndian
        // SAFETY: the address outlives the call and has the length that is told.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe body(generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit {
        close()
    }

    private func setOption(_ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        // SAFETY: the value outlives the call and has the length that is told.
        _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    // MARK: Sending

    /// Sends all of `bytes`.
    ///
    /// - Throws: `RawClientError` if the peer closed the connection, or takes nothing for too long.
    package func send(_ bytes: [UInt8]) throws {
        let deadline = ContinuousClock.now.advanced(by: patience)
        var sent = 0
        while sent < bytes.count {
            let count = sendSome(bytes, from: sent)
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, until: deadline, "to send")
            } else if errno != EINTR {
                throw RawClientError("send", errno)
            }
        }
    }

    package func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    private func sendSome(_ bytes: [UInt8], from start: Int) -> Int {
        // SAFETY: the range from `start` to the end lies in the buffer.
        return unsafe bytes.withUnsafeBytes { buffer in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
            return unsafe C.send(descriptor, rest.baseAddress, rest.count, C.sendFlags)
        }
    }

    /// Ends this side; the peer can still send.
    package func finish() {
        _ = shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Closes without reading what is left.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = C.close(descriptor)
    }

    /// Breaks the connection with a reset.
    package func abort() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        // SAFETY: the value outlives the call and has the length that is told.
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    // MARK: Receiving

    /// Takes all waits of `body` for one: what comes in between, such as pings, does not make it longer.
    package func inOneWait<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = end
        defer { end = outer }
        end = deadline  // an outer one's, if there is one
        return try body()
    }

    private var deadline: ContinuousClock.Instant { end ?? .now.advanced(by: patience) }

    /// The next `count` bytes.
    package func receive(_ count: Int) throws -> [UInt8] {
        let deadline = deadline
        while unread.count < count { try receiveMore(until: deadline, "for \(count) bytes") }
        return take(count)
    }

    /// The bytes up to and with `end`.
    package func receive(through end: String) throws -> [UInt8] {
        let deadline = deadline
        let end = Array(end.utf8)
        var searched = 0
        while true {
            var index = max(0, searched - end.count + 1)
            while index + end.count <= unread.count {
                if unread[index] == end[0], unread[index..<index + end.count].elementsEqual(end) {
                    return take(index + end.count)
                }
                index += 1
            }
            searched = unread.count
            try receiveMore(until: deadline, "for \(String(decoding: end, as: UTF8.self).debugDescription)")
        }
    }

    /// Everything until the peer ends its side.
    package func receiveToEnd() throws -> [UInt8] {
        let deadline = deadline
        while !isEnded { try receiveSome(until: deadline, "for the end") }
        return take(unread.count)
    }

    /// Whether nothing arrives for `time`.
    package func isSilent(for time: Duration) throws -> Bool {
        guard unread.isEmpty, !isEnded else { return false }
        return try !poll(for: POLLIN, until: ContinuousClock.now.advanced(by: time))
    }

    private func take(_ count: Int) -> [UInt8] {
        let taken = Array(unread.prefix(count))
        unread.removeFirst(count)
        return taken
    }

    private func receiveMore(until deadline: ContinuousClock.Instant, _ what: @autoclosure () -> String) throws {
        guard !isEnded else { throw RawClientError(description: "the peer ended, waited \(what()); \(tail)") }
        try receiveSome(until: deadline, what())
    }

    private func receiveSome(until deadline: ContinuousClock.Instant, _ what: @autoclosure () -> String) throws {
        try wait(for: POLLIN, until: deadline, what())
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 256 * 1024) { buffer, count in
            // SAFETY: the call writes at most the buffer's length and says how much.
            unsafe count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count < 0 {
                isEnded = errno != EAGAIN && errno != EINTR
                count = 0
            } else if count == 0 {
                isEnded = true
            }
        }
        unread += bytes
    }

    /// What arrived, for a failure's text.
    private var tail: String {
        "unread: " + String(decoding: unread.prefix(300), as: UTF8.self).debugDescription
    }

    // MARK: Waiting

    private func wait(
        for events: CInt, until deadline: ContinuousClock.Instant, _ what: @autoclosure () -> String
    ) throws {
        guard try poll(for: events, until: deadline) else {
            throw RawClientError(description: "timed out, waited \(what()); \(tail)")
        }
    }

    private func poll(for events: CInt, until deadline: ContinuousClock.Instant) throws -> Bool {
        while true {
            let left = max(.zero, deadline - .now)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            // SAFETY: one entry is passed and it outlives the call.
            let count = unsafe C.poll(&entry, 1, CInt(milliseconds) + 1)
            if count > 0 { return true }
            if count < 0, errno != EINTR { throw RawClientError("poll", errno) }
            if ContinuousClock.now >= deadline { return false }
        }
    }

}

/// The system calls whose names are those of methods here, or that differ between systems.
private enum C {
    #if canImport(Glibc)
        static let sendFlags = CInt(MSG_NOSIGNAL)
        static func socket() -> CInt { Glibc.socket(AF_INET, CInt((SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)), 0) }
        static func close(_ descriptor: CInt) -> CInt { Glibc.close(descriptor) }
        static func send(_ socket: CInt, _ base: UnsafeRawPointer?, _ count: Int, _ flags: CInt) -> Int {
            unsafe Glibc.send(socket, base, count, flags)
        }
        static func poll(_ entries: UnsafeMutablePointer<pollfd>, _ count: UInt, _ timeout: CInt) -> CInt {
            unsafe Glibc.poll(entries, count, timeout)
        }
    #else
        static let sendFlags: CInt = 0
        static func socket() -> CInt { Darwin.socket(AF_INET, SOCK_STREAM, 0) }
        static func close(_ descriptor: CInt) -> CInt { Darwin.close(descriptor) }
        static func send(_ socket: CInt, _ base: UnsafeRawPointer?, _ count: Int, _ flags: CInt) -> Int {
            unsafe Darwin.send(socket, base, count, flags)
        }
        static func poll(_ entries: UnsafeMutablePointer<pollfd>, _ count: UInt32, _ timeout: CInt) -> CInt {
            unsafe Darwin.poll(entries, count, timeout)
        }
    #endif
}

/// A wait that came to nothing.
package struct RawClientError: Error, CustomStringConvertible {
    package let description: String

    init(description: String) {
        self.description = description
    }

    init(_ call: String, _ code: CInt) {
        // SAFETY: the text is copied before another call of this thread could change it.
        description = unsafe "\(call): \(String(cString: strerror(code)))"
    }
}
