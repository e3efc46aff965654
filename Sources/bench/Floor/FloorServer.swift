import Glibc
import NetLoop
import SocketIOWire

/// The yardstick: what a WebSocket echo costs if nothing is checked and nothing else is offered.
///
/// One thread, `epoll`, raw memory. Each wake-up receives once, unmasks into the output, frame by frame, and sends
/// once. What a peer could do wrong is not looked at: it listens to the load generator only.
final class FloorServer {
    /// Who gets a message.
    enum Audience: String {
        case sender, everyone
    }

    private let epoll: Epoll
    private let listener: OwnedDescriptor
    private let audience: Audience
    /// By descriptor.
    private var connections: [FloorConnection?] = []
    private let input = FloorRegion(capacity: 1 << 20)
    private let output = FloorRegion(capacity: 1 << 20)

    private init(_ audience: Audience) throws {
        self.audience = audience
        epoll = try Epoll()
        listener = try TCP.listen()
        try epoll.add(STDIN_FILENO, token: Int(STDIN_FILENO))
        try epoll.add(listener.rawValue, token: Int(listener.rawValue))
    }

    /// Serves until standard input ends.
    static func run(_ audience: Audience) throws {
        let server = try FloorServer(audience)
        Host.printLine("listening on \(TCP.port(of: server.listener))")
        while server.turn() {}
    }

    private func turn() -> Bool {
        for index in 0..<epoll.wait(milliseconds: -1) {
            let event = epoll.event(at: index)
            if event.token < connections.count, let connection = connections[event.token] {
                if event.isWritable { flush(connection) }
                receive(from: connection)
            } else if event.token == Int(STDIN_FILENO) {
                return false
            } else {
                accept()
            }
        }
        return true
    }

    private func accept() {
        while let descriptor = TCP.accept(from: listener) {
            let token = Int(descriptor.rawValue)
            // A connection that cannot be watched is closed with its owner.
            guard (try? epoll.add(descriptor.rawValue, token: token)) != nil else { return }
            while connections.count <= token { connections.append(nil) }
            connections[token] = FloorConnection(descriptor)
        }
    }

    @inline(__always)
    private func receive(from connection: FloorConnection) {
        // What is left of an earlier wake-up lies in a region of the connection's own, where the rest is added.
        let region = connection.partial ?? input
        let start = connection.partial?.count ?? 0
        region.reserve(start + 1 << 18)
        // SAFETY: the region has the room that is told.
        let count = unsafe recv(connection.socket, region.base + start, region.capacity - start, 0)
        guard count > 0 else {
            if count == 0 || errno != EAGAIN && errno != EINTR { connections[Int(connection.socket)] = nil }
            return
        }
        region.count = start + count
        output.count = 0
        let used = connection.isOpen ? echo(region) : upgrade(connection, region)
        if used < region.count || connection.partial != nil { keep(region, from: used, for: connection) }
        switch audience {
        case .sender: send(to: connection)
        case .everyone: for case let connection? in connections { send(to: connection) }
        }
    }

    /// Writes the reply to every whole frame, and returns where the first one begins that is not.
    @inline(__always)
    private func echo(_ region: FloorRegion) -> Int {
        var index = 0
        while region.count &- index >= 6 {
            // SAFETY: no byte is read that is not below `region.count`, and `reserve` makes room for each reply.
            let frame = unsafe region.base + index
            var header = 6
            var length = unsafe Int(frame[1] & 0x7F)
            if length == 126 {
                header = 8
                length = unsafe Int(frame[2]) << 8 | Int(frame[3])
            } else if length == 127 {
                header = 14
                guard region.count &- index >= header else { return index }
                length = unsafe Int(UInt64(bigEndian: UnsafeRawPointer(frame + 2).loadUnaligned(as: UInt64.self)))
            }
            guard region.count &- index >= header &+ length else { return index }
            output.reserve(output.count &+ header &+ length)
            let target = unsafe output.base + output.count
            let plainHeader = header &- 4
            unsafe target[0] = frame[0]
            unsafe target[1] = frame[1] & 0x7F
            if plainHeader > 2 { unsafe (target + 2).update(from: frame + 2, count: plainHeader &- 2) }
            unsafe unmask(frame + header, length, key: frame + plainHeader, into: target + plainHeader)
            output.count &+= plainHeader &+ length
            index &+= header &+ length
        }
        return index
    }

    @inline(__always)
    private func unmask(
        _ source: UnsafeMutablePointer<UInt8>, _ count: Int, key: UnsafeMutablePointer<UInt8>,
        into target: UnsafeMutablePointer<UInt8>
    ) {
        // SAFETY: each word and each byte lies below `count`, which both regions hold; the key has four bytes.
        let narrow = unsafe UnsafeRawPointer(key).loadUnaligned(as: UInt32.self)
        let wide = UInt64(narrow) << 32 | UInt64(narrow)
        var index = 0
        while index &+ 8 <= count {
            let word = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: UInt64.self) ^ wide
            unsafe UnsafeMutableRawPointer(target + index).storeBytes(of: word, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            unsafe target[index] = source[index] ^ key[index & 3]
            index &+= 1
        }
    }

    /// Answers the request for an upgrade, once it is whole.
    private func upgrade(_ connection: FloorConnection, _ region: FloorRegion) -> Int {
        // SAFETY: the region's bytes are copied within the call.
        let bytes = unsafe Array(UnsafeBufferPointer(start: region.base, count: region.count))
        let head = String(decoding: bytes, as: UTF8.self)
        guard head.hasSuffix("\r\n\r\n") else { return 0 }
        let name = "Sec-WebSocket-Key: "
        let line = head.split(separator: "\r\n").first { $0.hasPrefix(name) } ?? ""
        let response = ByteWriter()
        WebSocketHandshake.appendResponse(
            accept: WebSocketHandshake.accept(for: String(line.dropFirst(name.count))), to: response)
        response.withBytes { _ = TCP.send($0, to: connection.socket) }
        connection.isOpen = true
        return region.count
    }

    /// Keeps what follows `start` until the rest of it arrives.
    private func keep(_ region: FloorRegion, from start: Int, for connection: FloorConnection) {
        if start == region.count {
            connection.partial = nil
        } else if region === connection.partial {
            region.removeFirst(start)
        } else {
            let partial = FloorRegion(capacity: 1 << 18)
            partial.append(region, from: start)
            connection.partial = partial
        }
    }

    /// Sends the output of this wake-up, behind what the peer has not taken of earlier ones.
    @inline(__always)
    private func send(to connection: FloorConnection) {
        guard output.count > 0, connection.isOpen else { return }
        var sent = 0
        if connection.unsent == nil {
            // SAFETY: as many bytes as the region says it has.
            sent = unsafe Glibc.send(connection.socket, output.base, output.count, CInt(MSG_NOSIGNAL))
            if sent == output.count { return }
        }
        let unsent = connection.unsent ?? FloorRegion(capacity: 1 << 16)
        unsent.append(output, from: max(sent, 0))
        connection.unsent = unsent
        epoll.update(connection.socket, token: Int(connection.socket), interest: [.read, .write])
    }

    private func flush(_ connection: FloorConnection) {
        guard let unsent = connection.unsent else { return }
        // SAFETY: as many bytes as the region says it has.
        let sent = unsafe Glibc.send(connection.socket, unsent.base, unsent.count, CInt(MSG_NOSIGNAL))
        unsent.removeFirst(max(sent, 0))
        guard unsent.count == 0 else { return }
        connection.unsent = nil
        epoll.update(connection.socket, token: Int(connection.socket), interest: .read)
    }
}
