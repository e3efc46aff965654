import Testing

@testable import chat_client

struct CommandTests {
    @Test(arguments: [
        ("hello", Command.say("hello")), ("  hello\t", .say("hello")), ("//path", .say("/path")), ("", .nothing),
        (" \t", .nothing), ("/join lobby", .join("lobby")), ("/join a long name ", .join("a long name")),
        ("/nick ada lovelace", .nick("ada lovelace")), ("/who", .who), ("/rooms", .rooms), ("/connect", .connect),
        ("/help", .help), ("/?", .help), ("/quit", .quit), ("/exit", .quit),
    ])
    func `a line is a command or a text`(line: String, command: Command) {
        #expect(Command(line) == command)
    }

    @Test(arguments: [
        ("/msg ada hello you", "ada", "hello you"), ("/msg\tada  hello", "ada", "hello"),
        ("/msg \"ada lovelace\" hello you", "ada lovelace", "hello you"), ("/msg \"ada\"hello", "ada", "hello"),
        // Whose it is does not depend on who is there.
        ("/msg ada lovelace is here", "ada", "lovelace is here"), ("/msg ada \"quoted\"", "ada", "\"quoted\""),
    ])
    func `a name with spaces stands in quotes`(line: String, name: String, text: String) {
        #expect(Command(line) == .message(to: name, text))
    }

    @Test(arguments: [
        "/msg", "/msg ada", "/msg \"ada lovelace\"", "/msg \"ada", "/msg \"\" hello", "/join", "/nick ", "/dance",
    ])
    func `what is not understood comes with advice`(line: String) {
        guard case .invalid(let advice) = Command(line) else { return #expect(Bool(false), "\(Command(line))") }
        #expect(advice.contains("/"))
    }

    @Test func `the help fits a terminal`() {
        for line in Command.summary.split(separator: "\n") { #expect(line.columns <= 100) }
    }
}
