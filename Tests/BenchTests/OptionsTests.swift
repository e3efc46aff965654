import CommandLineOptions
import Testing

@testable import bench

struct OptionsTests {
    @Test func `reads a command and its options, in any order`() throws {
        let options = try Options(["--connections", "7", "echo", "--in-flight", "1,16", "--json", "--rate", "half"])
        #expect(options.command == .echo)
        #expect(options.connections == 7)
        #expect(options.inFlight == [1, 16])
        #expect(options.json)
        #expect(options.rate == .half)
    }

    @Test func `words behind the command are operands`() throws {
        let options = try Options(["compare", "a", "b", "--work", "ack"])
        #expect(options.operands == ["a", "b"])
        #expect(options.work == .ack)
    }

    @Test func `a typed handler takes objects`() throws {
        #expect(try Options(["echo", "--handler", "typed"]).payload.event == "echo-typed")
    }

    @Test(arguments: [
        ["dance"], ["echo", "--dance"], ["echo", "--loops"], ["echo", "--loops", "0"], ["echo", "--loops", "two"],
        ["echo", "--in-flight", "1,x"], ["echo", "--seconds", "-1"], ["echo", "--kind", "number"],
        ["echo", "--kind", "binary", "--handler", "async"], ["echo", "--raw", "--compress"],
    ])
    func `refuses what it does not understand`(arguments: [String]) {
        #expect(throws: UsageError.self) { _ = try Options(arguments) }
    }

    @Test func `the help names every command and option that is for people`() {
        for command in Command.allCases where command.summary != nil { #expect(Usage.text.contains(command.rawValue)) }
        for option in Option.all where !option.help.isEmpty { #expect(Usage.text.contains(option.name)) }
        #expect(!Usage.text.contains("--tethered"))
    }

    @Test(arguments: [
        ("http://127.0.0.1:3000", "127.0.0.1", 3000, "/socket.io/"), ("ws://localhost:80/x", "127.0.0.1", 80, "/x"),
        ("10.0.0.1:1/", "10.0.0.1", 1, "/socket.io/"),
    ])
    func `reads the address of another server`(url: String, host: String, port: Int, path: String) throws {
        let target = try #require(Target(url: url))
        #expect(target.address == Target.Address(host: host, port: port))
        #expect(target.path == path)
    }

    @Test(arguments: ["", "http://", "http://host", "http://host:0/", "https://127.0.0.1:1/"])
    func `knows what is no address`(url: String) {
        #expect(Target(url: url) == nil)
    }

    @Test func `the table has the rows that are asked for, behind those that it always has`() throws {
        let usual = try AllCommand(Options(["all"])).labels
        let all = try AllCommand(Options(["all", "--compress", "--events", "--version-2"])).labels
        #expect(all.count == usual.count + 4 && Array(all.prefix(usual.count)) == usual)
        #expect(try AllCommand(Options(["all", "--events"])).labels.count == usual.count + 1)
    }

    @Test func `the client is measured with the sockets and the messages in flight that are asked for`() throws {
        let all = try ClientCommand(Options(["client"])).plans
        #expect(all.map(\.sockets) == [1, 100, 1_000, 1, 100, 1_000, 1, 100, 1_000, 1, 100, 1_000])
        #expect(all.map(\.inFlight) == [1, 1, 1, 16, 16, 16, 1, 1, 1, 16, 16, 16])
        #expect(all.map(\.work) == Array(repeating: .echo, count: 6) + Array(repeating: .ack, count: 6))
        let some = try ClientCommand(
            Options(["client", "--connections", "7", "--in-flight", "3", "--payload", "200", "--seconds", "0.5"])
        ).plans
        #expect(some.map(\.work) == [.echo, .ack])
        for plan in some {
            #expect((plan.sockets, plan.inFlight, plan.seconds) == (7, 3, 0.5))
            let texts = plan.texts(ofSocket: 0) + plan.texts(ofSocket: 1)
            #expect(Set(texts).count == 6)
            #expect(texts.allSatisfy { $0.utf8.count == 200 })
        }
    }

    @Test(arguments: [
        ["--rate", "10"], ["--rooms", "1"], ["--kind", "object"], ["--handler", "async"], ["--raw"],
    ])
    func `the client refuses what it would not heed`(arguments: [String]) {
        #expect(throws: UsageError.self) { _ = try ClientCommand(Options(["client"] + arguments)) }
    }
}
