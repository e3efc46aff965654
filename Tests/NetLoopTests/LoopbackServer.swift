import SocketIOWire
import TestSupport

@testable import NetLoop

/// Loops with a listener on a free port of this machine, for one test.
struct LoopbackServer: Sendable {
    let group: EventLoopGroup
    let listener: LoopBound<Listener>
    let address: SocketAddress

    var loop: EventLoop { group.loops[0] }

    /// Runs `body` with a server whose connections are given to `accept`, and ends everything after it.
    static func run(
        loops: Int = 1, host: String = "127.0.0.1", tls: TLSContext? = nil, accept: @escaping Listener.Accept,
        _ body: (LoopbackServer) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup(count: loops)
        let listening = await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(
                    on: SocketAddress(host: host, port: 0)!, loop: loop, group: group, tls: tls, accept: accept)
                return LoopBound(listener, on: loop)
            }
        }
        let outcome: Result<Void, any Error>
        do {
            let listener = try listening.get()
            let address = await group.loops[0].call { _ in listener.value.address }
            try await body(LoopbackServer(group: group, listener: listener, address: address))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for loop in group.loops { await loop.call { $0.closeAll() } }
        group.stop()
        try outcome.get()
    }

    /// Runs `body` with a server whose connections have a `ListeningHandler`; `prepare` sees them first.
    static func runListening(
        loops: Int = 1, tls: TLSContext? = nil,
        prepare: @escaping @Sendable (TCPConnection, ListeningHandler) -> Void = { _, _ in },
        _ body: (LoopbackServer, AsyncStream<Accepted>) async throws -> Void
    ) async throws {
        let (stream, continuation) = AsyncStream<Accepted>.makeStream()
        let accept: Listener.Accept = { connection in
            let handler = ListeningHandler()
            connection.handler = handler
            prepare(connection, handler)
            continuation.yield(
                Accepted(
                    connection: LoopBound(connection, on: connection.loop),
                    handler: LoopBound(handler, on: connection.loop), heard: handler.heard))
        }
        try await run(loops: loops, tls: tls, accept: accept) { server in try await body(server, stream) }
    }

    /// A client, and the server's end of its connection.
    func connect(
        _ accepted: AsyncStream<Accepted>, receiveBuffer: CInt? = nil
    ) async throws -> (client: LoopbackSocket, end: Accepted) {
        let client = try LoopbackSocket(to: address, receiveBuffer: receiveBuffer)
        return (client, await accepted.first())
    }
}

/// The server's end of a connection.
struct Accepted: Sendable {
    let connection: LoopBound<TCPConnection>
    let handler: LoopBound<ListeningHandler>
    let heard: AsyncStream<Heard>

    var loop: EventLoop { connection.loop }

    /// Does something with the connection on its loop.
    func run<Result: Sendable>(_ body: @escaping @Sendable (TCPConnection) -> Result) async -> Result {
        let connection = connection
        return await loop.call { _ in body(connection.value) }
    }

    /// What the handler heard, with the bytes put together, up to the first `count` of them.
    func hearText(_ count: Int) async -> String {
        var text = ""
        for await heard in heard {
            guard case .bytes(let bytes) = heard else { return text + "(\(heard))" }
            text += String(decoding: bytes, as: UTF8.self)
            if text.utf8.count >= count { break }
        }
        return text
    }

    /// Everything that the handler heard, up to the peer's end.
    func hearBytes() async -> [UInt8] {
        var bytes: [UInt8] = []
        for await case .bytes(let some) in heard.prefix(while: { $0 != .peerFinished }) { bytes += some }
        return bytes
    }

    /// The next thing that is not bytes.
    func hearEnd() async -> Heard {
        for await heard in heard {
            if case .bytes = heard { continue }
            return heard
        }
        preconditionFailure("the stream does not end")
    }
}

extension AsyncStream {
    /// The next element of a stream that does not end.
    func first() async -> Element {
        for await element in self { return element }
        preconditionFailure("the stream does not end")
    }
}

/// What a handler hears.
enum Heard: Equatable, Sendable {
    case bytes([UInt8])
    case peerFinished
    case closedByPeer
    case failed
    case insecure(TLSError)
    case outputLimit
}

/// Tells a stream what it hears, and does nothing by itself.
final class ListeningHandler: ConnectionHandler {
    let heard: AsyncStream<Heard>
    private let continuation: AsyncStream<Heard>.Continuation
    /// What to do with what arrives, besides.
    var onReceive: ((TCPConnection, [UInt8]) -> Void)?
    var onPeerFinished: ((TCPConnection) -> Void)?
    var onLost: ((TCPConnection) -> Void)?
    var outputLimit = Int.max

    init() {
        (heard, continuation) = AsyncStream.makeStream()
    }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        let copy = Array(bytes.span)
        continuation.yield(.bytes(copy))
        onReceive?(connection, copy)
    }

    func peerFinished(_ connection: TCPConnection) {
        continuation.yield(.peerFinished)
        onPeerFinished?(connection)
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        switch reason {
        case .closedByPeer: continuation.yield(.closedByPeer)
        case .failed: continuation.yield(.failed)
        case .insecure(let error): continuation.yield(.insecure(error))
        case .outputLimit: continuation.yield(.outputLimit)
        }
        onLost?(connection)
    }
}

/// Sends back what arrives.
final class EchoHandler: ConnectionHandler {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        connection.write(Array(bytes.span))
    }

    func peerFinished(_ connection: TCPConnection) {
        connection.finish()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
}

extension TCPConnection {
    /// Of a connection that has a `ListeningHandler`.
    var outputLimit: Int {
        get { listening.outputLimit }
        set { listening.outputLimit = newValue }
    }

    private var listening: ListeningHandler {
        guard let listening = handler as? ListeningHandler else { preconditionFailure("another handler") }
        return listening
    }

    /// Writes to the turn's output, as protocols do.
    func write(_ bytes: [UInt8]) {
        let start = loop.beginOutput()
        loop.output.append(bytes)
        enqueue(start..<loop.output.count)
    }

    func write(_ text: String) {
        write(Array(text.utf8))
    }
}

extension EventLoop {
    /// Does something on the loop, from a test.
    func run(_ body: @escaping @Sendable (EventLoop) -> Void) async {
        await call { body($0) }
    }
}

/// Bytes in which neighbouring pieces can be told from each other.
func numbered(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
}

/// Of a length that is prime, so that no buffer's size is a multiple of it.
private let block: [UInt8] = {
    var random = SeededGenerator(seed: 1)
    return random.bytes(65_537)
}()

/// Where `bytes` are not `expected`, in a few words: the framework's own description of two long arrays takes minutes.
func difference(_ bytes: [UInt8], from expected: [UInt8]) -> String? {
    if bytes == expected { return nil }
    let place = zip(bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    return "\(bytes.count) bytes of \(expected.count), the same up to \(place ?? min(bytes.count, expected.count))"
}
