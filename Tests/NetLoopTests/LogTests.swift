import SocketIOWire
import TestSupport
import Testing

@testable import NetLoop

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The default log: no peer can hold it up, forge it or fill it.
@Suite(.timeLimit(.minutes(1))) struct LogTests {
    private let start = ContinuousClock.now

    private func text(_ line: LogLine) -> String { String(decoding: line.text, as: UTF8.self) }
    private func text(_ taken: (bytes: [UInt8], pause: Duration?)) -> String {
        String(decoding: taken.bytes, as: UTF8.self)
    }

    @Test func `a peer's words make no line of their own and do nothing to a terminal`() {
        #expect(
            text(LogLine(.error, "a\n[socket.io] error: pwned\u{1B}[31m \u{9B}1m\r\u{202E}é"))
                == #"[socket.io] error: a\n[socket.io] error: pwned\u{1b}[31m \u{9b}1m\u{d}\u{202e}é"#)
    }

    @Test(arguments: ["x", "é", "\u{1B}", "😀"])
    func `a line is cut at 1 KB, and not within a character`(piece: String) {
        let line = LogLine(.warning, String(repeating: piece, count: 900_000))
        #expect(line.text.count <= LogLine.maxByteCount && line.text.count > LogLine.maxByteCount - 16)
        #expect(text(line).utf8.elementsEqual(line.text))
        #expect(text(line).hasSuffix("…"))
        let short = String(repeating: "x", count: LogLine.maxByteCount - 40)
        #expect(text(LogLine(.warning, short)).hasSuffix(short))
    }

    @Test func `of one cause the first is written, and a minute later how many followed`() {
        var queue = LogQueue()
        #expect(queue.add(.warning, "a handler failed for socket ab3_; see onHandlerError: 1", now: start) == true)
        for id in 0..<1000 {
            #expect(
                queue.add(.warning, "a handler failed for socket x\(id); see onHandlerError: \(id)", now: start)
                    == false)
        }
        #expect(queue.add(.warning, "something else", now: start) == true)
        #expect(queue.add(.error, "something else", now: start) == true, "another level")
        let first = queue.take(now: start)
        #expect(
            text(first) == """
                [socket.io] warning: a handler failed for socket ab3_; see onHandlerError: 1
                [socket.io] warning: something else
                [socket.io] error: something else

                """)
        #expect(first.pause == LogQueue.period)
        #expect(text(queue.take(now: start + .seconds(59))) == "")
        let second = queue.take(now: start + .seconds(60))
        #expect(
            text(second).hasPrefix(
                "[socket.io] warning: 1000 more within a minute, like: [socket.io] warning: a handler"))
        #expect(text(second).split(separator: "\n").count == 1)
        #expect(second.pause == nil)
        #expect(queue.add(.warning, "something else", now: start + .seconds(61)) == true)
    }

    @Test func `a flood of causes that are all different is a few lines`() {
        var queue = LogQueue()
        var written = 0
        for first in 0..<26 {
            for second in 0..<26 {
                let word = String(decoding: [UInt8(97 + first), UInt8(97 + second)], as: UTF8.self)
                if queue.add(.warning, "cause \(word)", now: start) { written += 1 }
            }
        }
        #expect(written == LogQueue.maxCauses + 1)
        queue.endAll()
        #expect(text(queue.take(now: start)).contains("\(26 * 26 - written) more"))
    }

    @Test func `what was asked for is written line by line, and what is too much is counted`() {
        var queue = LogQueue()
        for line in 0..<1000 { #expect(queue.add(.debug, "line \(line)", now: start) == (line < LogQueue.maxLines)) }
        let lines = text(queue.take(now: start)).split(separator: "\n")
        #expect(lines.count == LogQueue.maxLines + 1)
        #expect(lines.last == "[socket.io] warning: 744 lines were dropped: they came faster than they are read")
        #expect(text(queue.take(now: start)) == "")
    }

    /// The two ends of a pipe.
    private func pipe() -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let code = unsafe Glibc.pipe(&ends)
        #else
            let code = unsafe Darwin.pipe(&ends)
        #endif
        #expect(code == 0)
        return (ends[0], ends[1])
    }

    private static func readToEnd(_ descriptor: CInt) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }

    @Test func `a pipe that nobody reads holds nobody up`() async throws {
        let (reader, writer) = pipe()
        let log = LogWriter(to: writer)
        let line = String(repeating: "x", count: 900)
        let started = ContinuousClock.now
        for number in 0..<20_000 { log.log(.debug, "\(number) \(line)") }
        #expect(ContinuousClock.now - started < .seconds(20))
        // Nor does the end of the process.
        log.flush(within: .milliseconds(10))
        async let read = offPool { Self.readToEnd(reader) }
        try await offPool {
            log.flush(within: .seconds(20))
            log.stop()
            close(writer)
        }
        let text = try await read
        close(reader)
        #expect(text.hasPrefix("[socket.io] debug: 0 xxx"))
        #expect(text.contains("lines were dropped"))
        #expect(text.utf8.count < 1_000_000)
    }

    @Test func `a reader that is gone does not end the process`() {
        let (reader, writer) = pipe()
        close(reader)
        let log = LogWriter(to: writer)
        for number in 0..<100 { log.log(.error, "word \(number)") }
        log.flush(within: .seconds(10))
        log.log(.error, "another")
        log.flush(within: .seconds(10))
        log.stop()
    }
}
