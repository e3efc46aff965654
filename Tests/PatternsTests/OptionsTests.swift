import CommandLineOptions
import Testing

@testable import patterns

@Suite struct OptionsTests {
    @Test func `the front end is one port further, unless it is named`() throws {
        #expect(try Options([]).port == 8080 && Options([]).frontEndPort == 8081)
        #expect(try Options(["--port", "9000"]).frontEndPort == 9001)
        #expect(try Options(["--port", "9000", "--front-end-port", "7000"]).frontEndURL == "http://localhost:7000")
    }

    @Test func `a URL that is none of Redis is refused, with why`() throws {
        let error = #expect(throws: UsageError.self) { try Options(["--redis", "http://localhost"]) }
        #expect(
            error?.description.hasPrefix("--redis: this is no URL of a Redis server: its scheme is not redis") == true)
        #expect(try Options(["--redis", "redis://127.0.0.1:6379"]).redis != nil)
        #expect(throws: UsageError.self) { try Options(["what"]) }
    }
}
