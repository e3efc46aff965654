import SocketIOWire

/// Drives an `HTTPServerExchange` as a connection does, with a router and a clock that the test is.
struct ExchangePeer: ~Copyable {
    var exchange: HTTPServerExchange
    var now = CompactInstant(nanoseconds: 0)
    /// Unsent bytes, as the test has them.
    var unsent = 0
    /// What the router does with the next requests; those beyond wait.
    var decisions: [Decision] = []
    /// In order: heads, bodies, answers and ends.
    private(set) var seen: [Seen] = []
    /// Whether whoever takes a body cannot take more than a piece.
    var pausesBody = false
    /// The head of a request that goes to another loop, where the next decision is about it.
    private var leaving: HTTPRequestHead?
    /// The head of a request about which it is not known what becomes of it.
    private var undecided: HTTPRequestHead?
    private let output = ByteWriter()

    enum Decision: Equatable {
        case answer(String)
        case collect
        /// The body goes on as it arrives, of at most so many bytes.
        case stream(Int)
        case wait
        case poll
        /// It is not known yet; `decide` brings the next decision.
        case think
        case leave
        case upgrade
    }

    enum Seen: Equatable, CustomStringConvertible {
        case begin(String)
        case complete(String)
        case piece(String)
        case bodyEnd
        case sent(String)
        case forward(String)
        case forwardEnd
        case leave
        case halfClose
        case refuse(Int)
        case finish
        case overrun
        case close

        var description: String {
            switch self {
            case .begin(let target): "begin \(target)"
            case .complete(let body): "complete \(body)"
            case .piece(let text): "piece \(text)"
            case .bodyEnd: "end of the body"
            case .sent(let text): "sent \(text.debugDescription)"
            case .forward(let text): "forward \(text)"
            case .forwardEnd: "forward the end"
            case .leave: "leave"
            case .halfClose: "half-close"
            case .refuse(let status): "refuse \(status)"
            case .finish: "finish"
            case .overrun: "overrun"
            case .close: "close"
            }
        }
    }

    static let limits = HTTPServerLimits(
        message: HTTPLimits(bodyBytes: 100), headTime: .seconds(10), bodyTime: .seconds(30),
        keepAliveTime: .seconds(65), sendRateTime: .seconds(60), minimumSendRate: 0, unsentBytes: 1000,
        pipelinedBytes: 200)

    /// What is said of connections that were cut.
    private(set) var cutReasons: [String] = []

    init(_ decisions: Decision..., limits: HTTPServerLimits = Self.limits) {
        exchange = HTTPServerExchange(limits: limits, now: now)
        self.decisions = decisions
    }

    /// What was seen since the last call.
    mutating func events() -> [Seen] {
        defer { seen = [] }
        return seen
    }

    mutating func receive(_ text: String) {
        receive(Array(text.utf8))
    }

    mutating func receive(_ bytes: [UInt8]) {
        if exchange.isBehind { exchange.keep(bytes.span) } else { read(bytes) }
        settle()
    }

    mutating func settle() {
        while let action = exchange.proceed() { perform(action) }
    }

    mutating func decide() {
        exchange.decided()
        if let undecided { decide(undecided) }
        undecided = nil
        settle()
    }

    mutating func finish() {
        settle()
        exchange.peerFinished()
        settle()
    }

    mutating func lose() { perform(exchange.connectionLost()) }
    mutating func shutDown() { perform(exchange.shutDown()) }
    mutating func refuse(_ failure: HTTPFailure) { perform(exchange.refuse(failure)) }

    /// Lets time pass; the timeout is handled if it is due.
    mutating func pass(_ time: Duration) {
        now = now.advanced(by: time)
        perform(exchange.handleTimeout(unsent: unsent, now: now))
    }

    /// Whether there was something to answer.
    @discardableResult
    mutating func answer(_ text: String, status: Int = 200, closing: Bool = false) -> Bool {
        let body = Array(text.utf8)
        let form = exchange.respond(
            status: status, fields: [:], body: body.span, closing: closing, now: now, into: output)
        note()
        guard let form else { return false }
        if !form.keepsAlive { seen.append(.finish) }
        return true
    }

    @discardableResult
    mutating func begin(_ length: HTTPBodyLength, status: Int = 200) -> Bool {
        let begun = exchange.beginResponse(status: status, fields: [:], length: length, now: now, into: output)
        note()
        return begun
    }

    mutating func piece(_ text: String) {
        let taken = exchange.beginPiece(of: text.utf8.count, into: output)
        guard taken > 0 else { return }
        output.append(utf8: String(text.prefix(taken)))
        exchange.endPiece(into: output)
        note()
    }

    mutating func endBody() {
        let action = exchange.endBody(now: now, into: output)
        note()
        perform(action)
    }

    mutating func cutBody() { perform(exchange.cutBody()) }

    private mutating func read(_ bytes: [UInt8]) {
        var cursor = 0
        while let action = exchange.receive(bytes.span, from: &cursor, unsent: unsent, now: now) {
            if case .piece(let range) = action {
                seen.append(.piece(String(decoding: bytes[range], as: UTF8.self)))
                if pausesBody { exchange.pauseBody() }
            } else {
                perform(action)
            }
        }
        if cursor < bytes.count { exchange.keep(bytes.span.extracting(cursor..<bytes.count)) }
    }

    private mutating func perform(_ action: HTTPServerExchange.Action?) {
        switch action {
        case .begin(let head):
            seen.append(.begin("\(head.method.name) \(head.target)"))
            decide(head)
        case .complete(_, let body): seen.append(.complete(String(decoding: body, as: UTF8.self)))
        case .piece: break
        case .bodyEnd: seen.append(.bodyEnd)
        case .read(let bytes): read(bytes)
        case .forward(let bytes): seen.append(.forward(String(decoding: bytes, as: UTF8.self)))
        case .forwardEnd: seen.append(.forwardEnd)
        case .leave:
            seen.append(.leave)
            exchange = exchange.depart()
            exchange.arrive()
            if let leaving { decide(leaving) }
            leaving = nil
        case .noteHalfClose: seen.append(.halfClose)
        case .refuse(let failure): seen.append(.refuse(failure.status))
        case .finish(nil): seen.append(.finish)
        case .finish: seen.append(.overrun)
        case .close: seen.append(.close)
        case .cut(let reason):
            cutReasons.append("\(reason)")
            seen.append(.close)
        case nil: break
        }
    }

    private mutating func decide(_ head: HTTPRequestHead) {
        switch decisions.isEmpty ? .wait : decisions.removeFirst() {
        case .answer(let text): answer(text)
        case .collect: if exchange.collectBody(of: head, now: now) { seen.append(.sent("100")) }
        case .stream(let limit):
            if exchange.streamBody(of: head, limit: limit, now: now) { seen.append(.sent("100")) }
        case .wait: exchange.wait(.isAnswered)
        case .poll: exchange.wait(.aborts)
        case .think:
            exchange.wait(.waits)
            undecided = head
        case .leave: if exchange.leave() { leaving = head }
        case .upgrade: _ = exchange.upgrade()
        }
    }

    private mutating func note() {
        guard output.count > 0 else { return }
        seen.append(.sent(String(decoding: output.array(), as: UTF8.self)))
        output.removeAll()
    }

    // MARK: Texts

    static func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    static func post(_ target: String, _ body: String, _ fields: String = "") -> String {
        "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    static func ok(_ body: String, closes: Bool = false) -> Seen {
        .sent(
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(closes ? "Connection: close\r\n" : "")\r\n\(body)"
        )
    }
}
