import SocketIOWire
import TestSupport
import Testing

@Suite struct NodeExchangeTests {
    private static let patience = Duration.seconds(45)

    /// What an exchange says, one word for each action.
    static func word(_ action: NodeExchange.Action?) -> String {
        switch action {
        case nil: "-"
        case .connect: "connect"
        case .send: "send"
        case .refuse: "refuse"
        case .answer(let head): "answer \(head.status)"
        case .piece: "piece"
        case .end(let keeping): keeping ? "end, kept" : "end"
        case .splice: "splice"
        case .cut: "cut"
        }
    }

    private static func sent(_ method: HTTPMethod = .get) -> NodeExchange {
        var exchange = NodeExchange(passingOn: method, patience: patience, now: at(0))
        #expect(word(exchange.found(true)) == "connect")
        #expect(word(exchange.connected(now: at(0))) == "send")
        return exchange
    }

    static func at(_ seconds: Int) -> CompactInstant { CompactInstant(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// What becomes of an answer that comes in these pieces: the words, and the body behind them.
    private static func read(_ pieces: [[UInt8]], by exchange: inout NodeExchange) -> [String] {
        var words: [String] = []
        var body: [UInt8] = []
        for piece in pieces {
            var cursor = 0
            while let action = exchange.receive(piece.span, from: &cursor, now: at(1)) {
                if case .piece(let range) = action { body += piece[range] } else { words.append(word(action)) }
                if case .splice = action { body += piece[cursor...] }
            }
        }
        return words + [String(decoding: body, as: UTF8.self)]
    }

    private static func read(_ text: String, by exchange: inout NodeExchange) -> [String] {
        read([Array(text.utf8)], by: &exchange)
    }

    @Test func `an answer that is cut anywhere goes on whole`() {
        let answers = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ["answer 200", "end, kept", "hello"]),
            ("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ["answer 400", "end", ""]),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n", ["answer 204", "end, kept", ""]),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                ["answer 200", "end, kept", "abcde"]
            ),
        ]
        for (text, words) in answers {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                var exchange = Self.sent()
                let found = Self.read(bytes.cut(at: [cut]), by: &exchange)
                #expect(found == words, "cut at \(cut)")
                #expect(exchange.isOver)
            }
            var exchange = Self.sent()
            let found = Self.read(bytes.singleBytes, by: &exchange)
            #expect(found == words)
        }
    }

    @Test func `what follows a 101 is the other protocol's`() {
        var exchange = Self.sent()
        let found = Self.read(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes", by: &exchange)
        #expect(found == ["splice", "frames"])
        #expect(exchange.deadline == nil)
    }

    @Test func `an answer without a length ends with the connection, and others break`() {
        var exchange = Self.sent()
        let found = Self.read("HTTP/1.1 200 OK\r\n\r\nabc", by: &exchange)
        #expect(found == ["answer 200", "abc"])
        #expect(Self.word(exchange.nodeFinished()) == "end")
        for text in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"] {
            exchange = Self.sent()
            _ = Self.read(text, by: &exchange)
            #expect(Self.word(exchange.nodeFinished()) == "cut")
            #expect(Self.word(exchange.nodeFinished()) == "-")
        }
        for text in ["SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"] {
            exchange = Self.sent()
            let found = Self.read(text, by: &exchange)
            #expect(found.suffix(2) == ["cut", ""])
        }
    }

    @Test func `what follows an answer makes its connection useless`() {
        var exchange = Self.sent()
        let found = Self.read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n", by: &exchange)
        #expect(found == ["answer 200", "end", "a"])
    }

    @Test func `who cannot be found or reached is refused, also when that takes too long`() {
        var exchange = NodeExchange(passingOn: .get, patience: Self.patience, now: Self.at(0))
        #expect(Self.word(exchange.found(false)) == "refuse")
        #expect(Self.word(exchange.found(true)) == "-")
        exchange = NodeExchange(passingOn: .get, patience: Self.patience, now: Self.at(0))
        #expect(exchange.deadline == Self.at(2))
        #expect(Self.word(exchange.handleTimeout(isPaused: false, now: Self.at(1))) == "-")
        #expect(Self.word(exchange.handleTimeout(isPaused: false, now: Self.at(2))) == "refuse")
        #expect(Self.word(exchange.found(true)) == "-")
        exchange = NodeExchange(passingOn: .get, patience: Self.patience, now: Self.at(0))
        _ = exchange.found(true)
        #expect(exchange.deadline == nil)
        #expect(Self.word(exchange.connectFailed()) == "refuse")
        #expect(Self.word(exchange.connected(now: Self.at(0))) == "-")
    }

    @Test func `a node that is silent is given up, unless it is not read`() {
        var exchange = Self.sent()
        #expect(exchange.deadline == Self.at(45))
        #expect(Self.word(exchange.handleTimeout(isPaused: false, now: Self.at(45))) == "cut")
        exchange = Self.sent()
        _ = Self.read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", by: &exchange)
        #expect(exchange.deadline == Self.at(46))
        #expect(Self.word(exchange.handleTimeout(isPaused: true, now: Self.at(46))) == "-")
        #expect(exchange.deadline == Self.at(91))
        #expect(Self.word(exchange.handleTimeout(isPaused: false, now: Self.at(91))) == "cut")
    }
}
