import CommandLineOptions
import Testing

struct OptionTests {
    private enum Color: String, CaseIterable {
        case red, green
    }

    private struct Words {
        var isLoud = false
        var count = 0
        var name: String?
        var speed = 1.0
        var color = Color.red

        static var all: [Option<Words>] {
            [
                Option("--loud", "say it loudly") { $0.isLoud = true },
                Option("--count", .number(from: 1, to: 9), "how often (0)") { $0.count = $1 },
                Option("--name", .text("NAME"), "who says it;\nnobody without it") { $0.name = $1 },
                Option("--speed", .quantity("S"), "how fast (1)") { $0.speed = $1 },
                Option("--color", .choice(of: Color.self), "in which color (red)") { $0.color = $1 },
                Option("--help", "print this") { $0.count = -1 },
                Option("--secret") { $0.isLoud = false },
            ]
        }

        var operands: [String] = []

        init(_ arguments: String...) throws(UsageError) {
            operands = try Option.read(arguments, into: &self, knowing: Words.all)
        }
    }

    @Test func `reads options with and without values, and the operands between them`() throws {
        let words = try Words(
            "a", "--loud", "--count", "9", "b", "--name", "--loud", "--speed", "0.5", "--color", "green", "")
        #expect(words.isLoud)
        #expect((words.count, words.name, words.speed) == (9, "--loud", 0.5))
        #expect(words.color == .green)
        #expect(words.operands == ["a", "b", ""])
    }

    @Test func `the later of two values counts`() throws {
        #expect(try Words("--count", "2", "--count", "3").count == 3)
    }

    @Test func `what is not given stays as it is`() throws {
        let words = try Words()
        #expect((words.isLoud, words.count, words.name, words.operands) == (false, 0, nil, []))
    }

    @Test(arguments: ["-h", "--help"])
    func `help has a short name`(word: String) throws {
        #expect(try Words(word).count == -1)
    }

    @Test(arguments: [
        (["--dance"], "unknown option '--dance'"), (["--count=2"], "unknown option '--count=2'"),
        (["-l"], "unknown option '-l'"), (["--name"], "--name needs a value"),
        (["--name", ""], "--name needs a value"),
        (["--count", "0"], "--count: '0' is not a number from 1 to 9"),
        (["--count", "10"], "--count: '10' is not a number from 1 to 9"),
        (["--count", "two"], "--count: 'two' is not a number from 1 to 9"),
        (["--speed", "0"], "--speed: '0' is not a number over 0"),
        (["--speed", "inf"], "--speed: 'inf' is not a number over 0"),
        (["--speed", "nan"], "--speed: 'nan' is not a number over 0"),
        (["--color", "blue"], "--color: 'blue' is none of red|green"),
    ])
    func `says what is wrong`(arguments: [String], message: String) throws {
        var words = try Words()
        let error = #expect(throws: UsageError.self) {
            _ = try Option.read(arguments, into: &words, knowing: Words.all)
        }
        #expect(error?.description == message)
    }

    @Test func `a number without a largest one ends where Int32 does`() {
        let number = OptionValue<Int>.number(from: 0)
        #expect(number.read("2147483647") == 2_147_483_647)
        #expect(number.read("2147483648") == nil)
        #expect(number.read("-1") == nil)
    }

    @Test func `the help is in two columns, and silent about what is not for people`() {
        #expect(
            Help.list([("WORD", "what is said")] + Words.all.map(\.line)) == """
                  WORD               what is said
                  --loud             say it loudly
                  --count N          how often (0)
                  --name NAME        who says it;
                                     nobody without it
                  --speed S          how fast (1)
                  --color red|green  in which color (red)
                  --help             print this
                """)
    }
}
