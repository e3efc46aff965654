import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@testable import NetLoop

/// A client on this machine, which blocks, but for no longer than a few seconds.
final class LoopbackSocket: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let operation: String
        let code: CInt
        var description: String { "\(operation): \(SystemError(code: code, "").description)" }
    }

    /// A `timeval`, whose own members the compiler finds in another module from one build to the next.
    private struct Patience {
        var seconds = 20
        var microseconds = 0
    }

    /// Negative once the socket is closed.
    private let descriptor: Mutex<CInt>

    /// - Parameter receiveBuffer: How much the system receives ahead; small ones make a slow reader.
    init(to address: SocketAddress, receiveBuffer: CInt? = nil) throws(Failure) {
        #if os(Linux)
            let type = CInt(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let made = socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard made >= 0 else { throw Failure(operation: "socket", code: errno) }
        descriptor = Mutex(made)
        if let receiveBuffer { Self.set(made, SO_RCVBUF, receiveBuffer) }
        Self.set(made, SO_RCVTIMEO, Patience())
        Self.set(made, SO_SNDTIMEO, Patience())
        let failed = unsafe address.withSockAddr { pointer, length in unsafe connect(made, pointer, length) }
        guard failed == 0 else { throw Failure(operation: "connect", code: errno) }
    }

    deinit {
        close()
    }

    private var raw: CInt { descriptor.withLock { $0 } }

    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let rest = bytes.span.extracting(sent..<bytes.count)
            switch StreamSocket.send(rest, to: raw) {
            case .bytes(0): throw Failure(operation: "send", code: ETIMEDOUT)
            case .bytes(let count): sent += count
            case .failure(let error): throw Failure(operation: "send", code: error.code)
            }
        }
    }

    func send(_ text: String) throws(Failure) {
        try send(Array(text.utf8))
    }

    /// What is there, or comes next; empty at the end.
    func receiveSome(atMost limit: Int = 65_536) async throws -> [UInt8] {
        try await receive { bytes in bytes.isEmpty ? limit : 0 }
    }

    /// The next `count` bytes, or fewer if they are the last.
    func receive(_ count: Int) async throws -> [UInt8] {
        try await receive { bytes in min(count - bytes.count, 65_536) }
    }

    func receiveText(_ count: Int) async throws -> String {
        String(decoding: try await receive(count), as: UTF8.self)
    }

    /// Everything up to the end.
    func receiveAll() async throws -> [UInt8] {
        try await receive { _ in 65_536 }
    }

    /// Everything up to the end; for a while no more than `limit` bytes and then a pause.
    ///
    /// - Parameter started: Told when the thread that reads is there.
    func receiveAll(
        slowFor time: Duration, pause: Duration, atOnce limit: Int, started: AsyncStream<Void>.Continuation
    ) async throws -> [UInt8] {
        let start = ContinuousClock.now
        return try await receive { bytes in
            guard start.duration(to: .now) < time else { return 65_536 }
            if bytes.isEmpty {
                started.yield()
            } else {
                usleep(UInt32(pause.components.attoseconds / 1_000_000_000_000))
            }
            return limit
        }
    }

    /// Receives as much as `wanted` says of what is there already, until it says nothing or the end comes.
    private func receive(_ wanted: @escaping @Sendable ([UInt8]) -> Int) async throws -> [UInt8] {
        let descriptor = raw
        return try await offPool {
            var bytes: [UInt8] = []
            while case let count = wanted(bytes), count > 0 {
                let some = try Self.receiveOnce(descriptor, count)
                if some.isEmpty { break }
                bytes += some
            }
            return bytes
        }
    }

    private static func receiveOnce(_ descriptor: CInt, _ limit: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            // SAFETY: at most the array's size is written.
            unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count >= 0 else { throw Failure(operation: "recv", code: errno) }
        bytes.removeLast(limit - count)
        return bytes
    }

    /// Says that nothing more comes.
    func finishSending() {
        _ = shutdown(raw, CInt(SHUT_WR))
    }

    func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = closeDescriptor(descriptor) }
            descriptor = -1
        }
    }

    /// Ends the connection with a reset.
    func reset() {
        Self.set(raw, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        close()
    }

    private static func set<Value: BitwiseCopyable>(_ socket: CInt, _ option: CInt, _ value: Value) {
        var value = value
        // SAFETY: the size given is that of the local.
        _ = unsafe setsockopt(socket, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }
}

private func closeDescriptor(_ descriptor: CInt) -> CInt {
    close(descriptor)
}
