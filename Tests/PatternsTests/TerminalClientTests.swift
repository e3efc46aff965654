import CommandLineOptions
import PatternsEvents
import Testing

@testable import patterns_client

@Suite struct TerminalClientTests {
    @Test func `the mode comes from the environment, and is to be streamed to unless it says otherwise`() throws {
        #expect(try Options([], environment: [:]).mode == .stream)
        #expect(try Options([], environment: ["MODE": "poll"]).mode == .poll)
        #expect(try Options(["http://localhost:1"], environment: ["MODE": "poll"]).way is Polling)
        #expect(try Options(["http://localhost:1"], environment: ["MODE": "stream"]).way is Streaming)
        let error = #expect(throws: UsageError.self) { try Options([], environment: ["MODE": "pull"]) }
        #expect(error?.description == "MODE=pull is neither poll nor stream")
        #expect(throws: UsageError.self) { try Options(["localhost"], environment: ["MODE": "poll"]).way }
    }

    @Test func `a second server is refused`() {
        let error = #expect(throws: UsageError.self) { try Options(["http://a", "http://b"], environment: [:]) }
        #expect(error?.description == "unknown argument 'http://b'")
    }

    @Test func `a name that the server would refuse is refused at once`() throws {
        let longest = String(repeating: "é", count: Draft.nameLimit / 2)
        #expect(try Options(["--name", longest], environment: [:]).name == longest)
        let error = #expect(throws: UsageError.self) { try Options(["--name", longest + "a"], environment: [:]) }
        #expect(error?.description == "--name: a name has at most 30 bytes")
    }

    @Test func `what others write does nothing to the terminal`() {
        let draft = Draft(name: "a\u{1B}[2J\r\n", text: "b\u{9B}1m\u{202E} é☃😀 שלום")
        let message = Message(number: 1, draft, over: .http)
        #expect(message.line == "a[2J  : \u{2068}b1m é☃😀 שלום\u{2069}")
    }
}
