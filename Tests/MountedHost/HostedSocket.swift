internal import Synchronization
internal import TestSupport

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A connected socket, and threads that wait for it.
final class HostedSocket: Sendable {
    struct Broken: Error {}

    private let descriptor: CInt

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        // Heads and bodies are sent one by one.
        var isOn: CInt = 1
        // SAFETY: the value outlives the call and has the length that is told.
        _ = unsafe setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit {
        _ = Self.close(descriptor)
    }

    private static func close(_ descriptor: CInt) -> CInt {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }

    /// Whoever waits for it goes on.
    func shutDown() {
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// The next bytes; nil at the end.
    func receive() async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            startThread {
                let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
                    // SAFETY: the call writes at most the buffer's length and says how much.
                    unsafe count = max(0, recv(self.descriptor, buffer.baseAddress, buffer.count, 0))
                }
                continuation.resume(returning: bytes.isEmpty ? nil : bytes)
            }
        }
    }

    /// Sends all of `bytes`, as slowly as they are taken.
    func send(_ bytes: [UInt8]) async throws {
        let isSent = await withCheckedContinuation { continuation in
            startThread { continuation.resume(returning: self.sendAll(bytes)) }
        }
        guard isSent else { throw Broken() }
    }

    private func sendAll(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            // SAFETY: the range from `sent` to the end lies in the buffer.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe Self.send(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func send(_ socket: CInt, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.send(socket, base, count, CInt(MSG_NOSIGNAL))
        #else
            unsafe Darwin.send(socket, base, count, 0)
        #endif
    }
}

/// A socket that listens on a port of this machine.
struct ListeningDescriptor: Sendable {
    struct Failure: Error {
        let call: String
        let code: CInt
    }

    private let descriptor: CInt
    let port: Int

    init(port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var isOn: CInt = 1
        // SAFETY: the value outlives the call and has the length that is told.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<CInt>.size))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        // SAFETY: the address outlives the calls and has the length that is told.
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw Failure(call: "bind", code: errno) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Gives `body` each connection, until `close`.
    func acceptInBackground(_ body: @escaping @Sendable (CInt) -> Void) {
        startThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                if accepted >= 0 {
                    body(accepted)
                } else if errno != EINTR, errno != ECONNABORTED {
                    break
                }
            }
            #if canImport(Glibc)
                _ = Glibc.close(descriptor)
            #else
                _ = Darwin.close(descriptor)
            #endif
        }
    }

    /// Has the thread end, which closes the socket.
    func close() {
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
    }
}
