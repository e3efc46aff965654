import ChatEvents
import Testing

@testable import chat_client

/// Whatever happens, in whatever order: each line is asked in order, is never asked while another is under way, and is
/// accounted for at the end.
struct SessionWalkTests {
    @Test(arguments: 0..<200) func `no line is lost in silence`(seed: UInt64) {
        var random = SeededRandom(state: seed)
        let isAttended = seed.isMultiple(of: 2)
        var stage = Stage(isAttended: isAttended)
        var (typed, asked, pending, isConnected) = (0, [String](), Session.Question?.none, false)
        var (sent, refused, end) = (0, 0, Action?.none)

        func act(_ input: Session.Input) {
            for action in stage.take(input) {
                #expect(end == nil, "\(action) after the end")
                switch action {
                case .ask(let question):
                    #expect(pending == nil, "\(question) while \(String(describing: pending)) is under way")
                    pending = question
                    if case .say(_, let text) = question { asked.append(text) }
                case .connect: isConnected = false
                case .end: end = action
                case .giveBack, .warn: break
                case .print, .label, .limitWait, .leave, .pause, .readOn: break
                }
            }
        }

        _ = stage.session.start()
        for _ in 0..<300 where end == nil {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                act(.line("\(typed)"))
                typed += 1
            case 3:
                if !isConnected {
                    isConnected = true
                    act(.connected)
                }
            case 4:
                if isConnected, Int.random(in: 0..<3, using: &random) == 0 {
                    isConnected = false
                    act(.connectionLost("gone"))
                    // What was under way is answered by this some time later, or now.
                }
            case 5: act(.attemptFailed("no"))
            default:
                guard let question = pending else { continue }
                pending = nil
                if Int.random(in: 0..<10, using: &random) == 0 {
                    // There was no connection, which may be told before or after: it is asked again.
                    if case .say = question { asked.removeLast() }
                    var inputs = [Session.Input.answer(.notSent)]
                    if isConnected { inputs.insert(.connectionLost("gone"), at: Int.random(in: 0...1, using: &random)) }
                    isConnected = false
                    for input in inputs { act(input) }
                    continue
                }
                guard isConnected else {
                    if case .say = question { refused += 1 }
                    act(lost)
                    continue
                }
                switch question {
                case .join(let room, _): act(.answer(.entry(reply(room))))
                case .say, .whisper:
                    sent += 1
                    act(.answer(.receipt(.done)))
                }
            }
        }
        if end == nil { act(.interruption) }
        // In order, and none twice, but for those that were put back unsent.
        #expect(asked == asked.sorted { Int($0) ?? 0 < Int($1) ?? 0 })
        #expect(Set(asked).count == asked.count)
        guard case .end(let failure)? = end else { return #expect(Bool(false), "no end") }
        let unsent = failure.flatMap { words in
            words.split(separator: ";").compactMap { Int($0.trimmed.split(separator: " ").first ?? "") }.first
        }
        #expect(typed == sent + refused + (unsent ?? 0))
    }
}

extension Substring {
    fileprivate var trimmed: String { String(self).trimmed }
}
