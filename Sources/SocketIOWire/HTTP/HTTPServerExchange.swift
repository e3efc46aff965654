/// The server's side of one HTTP/1.1 connection (Protocol.md 1.2): one request at a time, in order, until it ends or
/// speaks another protocol.
///
/// ```
///  idle ── a byte ──> head ── .begin ──> waiting ── collectBody ──> body
///   ^                                    │ ^ │ └─ wait              │
///   │                                    │ └─│────── .complete ─────┘
///   ├── respond ─────────────────────────┘   ├── leave ────> leaving ── arrive ──> waiting, on another loop
///   └── endBody ── sending <── beginResponse ┤
///                                            └── upgrade ──> upgraded
/// ```
///
/// A body may also go on as it arrives: `streamBody` leads from `waiting` to `receiving`, and its end back.
///
/// Everything else ends it: `closed`. What it does not read at once it keeps, and gives back from `proceed`: who answers
/// may be in the middle of application code, which no further request may enter.
///
/// Not to be copied: a connection has one, and what is kept of it is kept once.
package struct HTTPServerExchange: ~Copyable, Sendable {
    package typealias Instant = CompactInstant

    enum State: Sendable {
        /// No byte of a request is there. The time for its head may run already, from the accept or from an empty line.
        case idle(Patience, isHeadTimed: Bool)
        /// A head is arriving.
        case head(until: Instant)
        /// A body is collected.
        case body(HTTPRequestHead, [UInt8], until: Instant)
        /// A body goes on as it arrives to whoever answers.
        case receiving(HTTPResponseForm, Incoming)
        /// Somebody answers, who has deadlines of their own.
        case waiting(HTTPResponseForm, HalfClose)
        /// The body of the answer goes out piece by piece.
        case sending(HTTPResponseForm, HTTPBodyWriter, Patience)
        /// The request belongs to another loop; the connection goes there once what arrived is put together.
        case leaving(HTTPResponseForm)
        /// The connection speaks another protocol.
        case upgraded
        case closed
    }

    /// What becomes of a request whose client closes its side while somebody answers it.
    package enum HalfClose: Sendable {
        /// It is answered all the same: the client may still read.
        case isAnswered
        /// It is aborted: the client asked for what is to come, and has gone.
        case aborts
        /// That is not known before `decided`: who decides is told, and the request's body is not looked at until then.
        case waits
    }

    /// What the driver has to do.
    package enum Action: Sendable {
        /// A request's head is there: say what is done with it before the next call of `receive`.
        case begin(HTTPRequestHead)
        /// A piece of the body that goes on as it arrives, where it lies in the bytes at hand.
        case piece(Range<Int>)
        /// That body is whole.
        case bodyEnd
        /// The request's body is there as well; it waits for its answer.
        case complete(HTTPRequestHead, body: [UInt8])
        /// Give these bytes, which came earlier, to `receive`.
        case read([UInt8])
        /// Give these bytes to the protocol that is spoken now.
        case forward([UInt8])
        /// Tell the protocol that is spoken now that the client has closed its side.
        case forwardEnd
        /// Take the connection, and what `depart` returns, to the other loop.
        case leave
        /// Tell who answers that the client has closed its side.
        case noteHalfClose
        /// Answer with what went wrong, end the connection once that is sent, and tell who had the request.
        case refuse(HTTPFailure)
        /// End the connection once everything is sent, and tell who had the request.
        ///
        /// - Parameter because: For the log, if it is a limit.
        case finish(because: StaticString?)
        /// End the connection at once, and tell who had the request.
        case close
        /// The same, for the log: a limit.
        case cut(because: StaticString)
    }

    var state: State
    var parser: HTTPRequestParser
    private var unread = Unread()
    let limits: HTTPServerLimits

    /// What came and is not read yet.
    private struct Unread: Sendable {
        var bytes: [UInt8] = []
        var end = End.mayCome
    }

    /// Whether the client has closed its side: then it waits for the answers to what it has sent.
    private enum End: Sendable {
        case mayCome
        /// It has, and who answers the request at hand does not know it.
        case hasCome
        case isTold
    }

    /// Nothing is under way, and nothing ever is.
    private init(closedWith limits: HTTPServerLimits) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits.message)
        state = .closed
    }

    package init(limits: HTTPServerLimits, now: Instant) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits.message)
        state = .idle(Patience(until: now.advanced(by: limits.headTime)), isHeadTimed: true)
    }

    /// Whether HTTP is spoken on the connection.
    package var isOpen: Bool {
        switch state {
        case .idle, .head, .body, .receiving, .waiting, .sending, .leaving: true
        case .upgraded, .closed: false
        }
    }

    /// Whether somebody owes the answer to a request.
    package var isWaiting: Bool {
        switch state {
        case .waiting: true
        case .idle, .head, .body, .receiving, .sending, .leaving, .upgraded, .closed: false
        }
    }

    // MARK: Receiving

    private var takesBytes: Bool {
        switch state {
        case .idle, .head, .body: true
        case .receiving(_, let incoming): !incoming.isPaused
        case .waiting(_, .waits): false
        // The rest of the request at hand.
        case .waiting(_, .isAnswered), .waiting(_, .aborts): parser.isWithinRequest
        case .sending, .leaving, .upgraded, .closed: false
        }
    }

    /// Whether the connection is to be read.
    package var isReading: Bool { unreadByteCount <= limits.pipelinedBytes }

    /// How much is kept. What arrives behind it goes to `keep` as well.
    package var unreadByteCount: Int { unread.bytes.count }

    /// Whether something is kept.
    package var isBehind: Bool { unreadByteCount > 0 }

    /// Keeps `bytes` if something is kept that came before them.
    package mutating func keepIfBehind(_ bytes: Span<UInt8>) -> Bool {
        guard isBehind else { return false }
        keep(bytes)
        return true
    }

    /// The next thing to do about `bytes` at or after `cursor`; nil when they are used up, or must wait: then the rest
    /// goes to `keep`, and `proceed` says what else there is.
    ///
    /// - Parameter unsent: Bytes that wait for the client to read.
    package mutating func receive(
        _ bytes: Span<UInt8>, from cursor: inout Int, unsent: Int, now: Instant
    ) -> Action? {
        do throws(HTTPFailure) {
            while takesBytes, let event = try parser.next(bytes, from: &cursor) {
                if let action = try take(event, bytes, unsent: unsent, now: now) { return action }
            }
        } catch {
            return refuse(error)
        }
        noteHead(now: now)
        return nil
    }

    private mutating func take(
        _ event: HTTPEvent, _ bytes: Span<UInt8>, unsent: Int, now: Instant
    ) throws(HTTPFailure) -> Action? {
        switch event {
        case .head(let head):
            guard unsent <= limits.unsentBytes else {
                close()
                return .finish(because: "asks for more than it reads")
            }
            // RFC 9110 10.1.1.
            guard head.version == .http10 || head.fields["expect"] == nil || head.expectsContinue else {
                throw HTTPFailure(417, "an unknown expectation")
            }
            state = .waiting(HTTPResponseForm(answering: head), .isAnswered)
            if hasClientFinished { unread.end = .hasCome }
            return .begin(head)
        case .body(let range):
            if case .receiving(let form, var incoming) = state {
                incoming.add(range.count, now: now, time: limits.bodyTime)
                state = .receiving(form, incoming)
                return .piece(range)
            }
            // Of a request that is answered without its body, it is dropped.
            guard case .body(let head, var body, let until) = state else { return nil }
            // Taken out first, so that the array is grown in place.
            state = .closed
            body.append(bytes.extracting(range))
            state = .body(head, body, until: until)
            return nil
        case .end:
            if case .receiving(let form, _) = state {
                state = .waiting(form, .isAnswered)
                return .bodyEnd
            }
            guard case .body(let head, let body, _) = state else { return nil }
            state = .waiting(HTTPResponseForm(answering: head), .isAnswered)
            return .complete(head, body: body)
        }
    }

    /// The first byte of a head starts its clock; later ones do not stop it.
    private mutating func noteHead(now: Instant) {
        switch state {
        case .idle(let patience, let isHeadTimed) where !parser.isIdle:
            state = .head(until: isHeadTimed ? patience.until : now.advanced(by: limits.headTime))
        case .head(let until) where parser.isIdle:
            // It was an empty line, which is no request yet (RFC 9112 2.2).
            state = .idle(Patience(until: until), isHeadTimed: true)
        case .idle, .head, .body, .receiving, .waiting, .sending, .leaving, .upgraded, .closed: break
        }
    }

    /// Keeps what must wait.
    package mutating func keep(_ bytes: Span<UInt8>) {
        switch state {
        case .idle, .head, .body, .receiving, .waiting, .sending, .leaving, .upgraded: unread.bytes.append(bytes)
        case .closed: break
        }
    }

    /// What can go on.
    private enum Step {
        case read
        case tellEnd(HalfClose)
        case finish
        case leave
        case forward
        case forwardEnd
    }

    private var step: Step? {
        switch state {
        case .idle, .head, .body:
            if isBehind || isEndDue { return .read }
            return hasClientFinished ? .finish : nil
        case .receiving(_, let incoming):
            guard !incoming.isPaused else { return nil }
            if isBehind || isEndDue { return .read }
            return hasClientFinished ? .finish : nil
        case .waiting(_, .waits): return isEndUntold ? .tellEnd(.waits) : nil
        case .waiting(_, let halfClose):
            if parser.isWithinRequest, isBehind || isEndDue { return .read }
            return isEndUntold ? .tellEnd(halfClose) : nil
        case .sending: return isEndUntold ? .tellEnd(.isAnswered) : nil
        case .leaving: return .leave
        case .upgraded:
            if isBehind { return .forward }
            return isEndUntold ? .forwardEnd : nil
        case .closed: return nil
        }
    }

    /// Whether `proceed` has something to say.
    package var canProceed: Bool { step != nil }

    /// Whether the client has closed its side.
    package var hasClientFinished: Bool {
        switch unread.end {
        case .hasCome, .isTold: true
        case .mayCome: false
        }
    }

    private var isEndUntold: Bool {
        switch unread.end {
        case .hasCome: true
        case .mayCome, .isTold: false
        }
    }

    /// What can go on once the bytes at hand are taken apart, or an answer is given: until nil.
    package mutating func proceed() -> Action? {
        guard let step else { return nil }
        switch step {
        case .read: return .read(takeUnread())
        case .tellEnd(let halfClose): return tellEnd(halfClose)
        case .finish: return finish()
        case .leave: return .leave
        case .forward: return .forward(takeUnread())
        case .forwardEnd:
            unread.end = .isTold
            return .forwardEnd
        }
    }

    private mutating func tellEnd(_ halfClose: HalfClose) -> Action {
        switch halfClose {
        case .isAnswered, .waits:
            unread.end = .isTold
            return .noteHalfClose
        case .aborts: return finish()
        }
    }

    private mutating func finish() -> Action {
        close()
        return .finish(because: nil)
    }

    /// Whether the request at hand ends where it was left, without another byte.
    private var isEndDue: Bool { parser.isWithinRequest && !parser.isBodyMissing }

    private mutating func takeUnread() -> [UInt8] {
        defer { unread.bytes = [] }
        return unread.bytes
    }

    /// The client sends nothing more: what it has sent whole is answered, and then the connection ends. `proceed` says
    /// what is to be done now.
    package mutating func peerFinished() {
        switch state {
        case .idle, .head, .body, .receiving, .waiting, .sending, .leaving: unread.end = .hasCome
        case .upgraded, .closed: break
        }
    }

    /// Nothing can be sent any more.
    package mutating func connectionLost() -> Action? {
        guard isOpen else { return nil }
        close()
        return .close
    }

    /// Nothing is held, and nothing happens any more.
    mutating func close() {
        unread = Unread()
        state = .closed
    }

    // MARK: What is done with a request

    /// Collects the body. True if the client waits to be told so, with `100 Continue`.
    package mutating func collectBody(of head: HTTPRequestHead, now: Instant) -> Bool {
        guard isWaiting else { return false }
        state = .body(head, [], until: now.advanced(by: limits.bodyTime))
        // RFC 9110 10.1.1: not before a body that will be refused.
        return head.expectsContinue && !limits.message.isExceeded(by: head.bodyLength)
    }

    /// Leaves the request to somebody who answers later.
    package mutating func wait(_ halfClose: HalfClose) {
        guard case .waiting(let form, _) = state else { return }
        state = .waiting(form, halfClose)
    }

    /// It is known what becomes of a request that waited for that.
    package mutating func decided() {
        guard case .waiting(let form, .waits) = state else { return }
        state = .waiting(form, .isAnswered)
        // Who has the request from now on is another.
        if hasClientFinished { unread.end = .hasCome }
    }

    /// The request belongs to another loop. False if it is gone.
    package mutating func leave() -> Bool {
        guard case .waiting(let form, _) = state else { return false }
        state = .leaving(form)
        return true
    }

    /// What goes to the other loop; nothing is left here.
    package mutating func depart() -> HTTPServerExchange {
        var departing = HTTPServerExchange(closedWith: limits)
        swap(&self, &departing)
        return departing
    }

    /// It is on the other loop: the request waits there.
    package mutating func arrive() {
        guard case .leaving(let form) = state else { return }
        state = .waiting(form, .isAnswered)
    }

    /// The connection speaks another protocol from now on. False if the request is gone.
    package mutating func upgrade() -> Bool {
        guard isWaiting else { return false }
        state = .upgraded
        return true
    }

    /// The request, or what should be one, cannot be served.
    package mutating func refuse(_ failure: HTTPFailure) -> Action? {
        guard isOpen else { return nil }
        close()
        return .refuse(failure)
    }
}
