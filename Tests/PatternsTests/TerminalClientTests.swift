import CommandLineOptions
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

    @Test func `what others write does nothing to the terminal`() {
        #expect("a\u{1B}[2Jb\u{9B}1m\r\n é☃😀".printable == "a\u{FFFD}[2Jb\u{FFFD}1m\u{FFFD}\u{FFFD} é☃😀")
    }
}
