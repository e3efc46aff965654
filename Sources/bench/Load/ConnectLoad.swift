import SocketIOWire

/// Visitors that open a connection, close it as soon as they are connected, and come again.
final class ConnectLoad {
    private final class Visit {
        let connection: Connection
        var opening: Opening
        /// When the connection was asked for.
        let begin: UInt64
        var isClosing = false

        init(_ connection: Connection, _ opening: Opening, begin: UInt64) {
            self.connection = connection
            self.opening = opening
            self.begin = begin
        }
    }

    private let target: Target
    private let meter: Meter
    private let epoll: Epoll
    private let buffer = ReceiveBuffer(capacity: 1 << 16)
    private var visits: [Visit?]
    /// Visits that may still begin.
    private var left: Int

    /// The namespace whose `onConnection` registers handlers.
    private static let namespace = "/visit"
    private static let patience: UInt64 = 10_000_000_000
    private static let closeFrame: [UInt8] = {
        let writer = ByteWriter()
        WebSocketWriter.appendClose(.normal, maskedWith: 0x37FA_213D, to: writer)
        return writer.array()
    }()

    init(_ plan: LoadPlan, meter: Meter) throws {
        target = plan.target
        self.meter = meter
        epoll = try Epoll()
        visits = Array(repeating: nil, count: plan.connections)
        switch plan.extent {
        case .messages(let count): left = count
        case .time: left = .max
        }
    }

    func run() throws {
        meter.start()
        for visitor in visits.indices { try begin(visitor) }
        var lastEvent = Clock.now
        while meter.result == nil || visits.contains(where: { $0 != nil }) {
            let ready = epoll.wait(milliseconds: 100)
            for index in 0..<ready { try serve(epoll.event(at: index).token) }
            let now = Clock.now
            if left == 0, visits.allSatisfy({ $0 == nil }) { meter.finish() }
            meter.advance(to: now)
            if meter.result != nil { left = 0 }
            if ready > 0 { lastEvent = now }
            guard now &- lastEvent < Self.patience else { throw LoadFailure("connections do not open or close") }
        }
    }

    private func begin(_ visitor: Int) throws {
        visits[visitor] = nil
        guard left > 0 else { return }
        left -= 1
        let begin = Clock.now
        let visit = Visit(
            Connection(try TCP.connect(to: target.address)), Opening(target, namespace: Self.namespace), begin: begin)
        visits[visitor] = visit
        try epoll.add(visit.connection.socket, token: visitor)
        try visit.connection.send(visit.opening.request)
    }

    private func serve(_ visitor: Int) throws {
        guard let visit = visits[visitor] else { return }
        switch buffer.receive(from: visit.connection.socket) {
        case .nothing: return
        case .end:
            guard visit.isClosing else { throw LoadFailure.dropped }
            try begin(visitor)
        case .bytes(let count):
            let bytes = buffer.array(0..<count)
            if visit.isClosing {
                guard bytes.first == Self.closeFrame[0] else { throw LoadFailure("the server does not close") }
                // A server of Socket.IO ends the connection itself.
                if target.speech == .raw { try begin(visitor) }
            } else {
                try advance(visit, bytes)
            }
        }
    }

    private func advance(_ visit: Visit, _ bytes: [UInt8]) throws(LoadFailure) {
        switch try visit.opening.receive(bytes) {
        case .wait: return
        case .send(let bytes): try visit.connection.send(bytes)
        case .finished:
            meter.record(latency: Clock.now &- visit.begin)
            visit.isClosing = true
            try visit.connection.send(Self.closeFrame)
        }
    }
}
