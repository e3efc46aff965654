import Testing

@testable import bench

struct ReportTests {
    @Test func `a spread is the middle and the ends`() throws {
        #expect(Spread([]) == nil)
        let odd = try #require(Spread([5, 1, 3]))
        #expect([odd.median, odd.min, odd.max] == [3, 1, 5])
        #expect(try #require(Spread([4, 1, 3, 2])).median == 2.5)
        #expect(odd.text(1) == "3.0 (1.0–5.0)")
        #expect(try #require(Spread([2])).text(2) == "2.00")
        #expect(odd.scaled(by: 10).text(0) == "30 (10–50)")
    }

    @Test(arguments: [
        (0.0, 0, "0"), (0.05, 1, "0.1"), (0.049, 1, "0.0"), (1234567.0, 0, "1,234,567"), (999.995, 2, "1,000.00"),
        (0.007, 3, "0.007"), (-0.9, 1, "-0.9"), (-0.0001, 2, "0.00"), (100, 0, "100"), (1e300, 0, "1e+300"),
    ])
    func `a figure has its digits and its commas`(number: Double, digits: Int, text: String) {
        #expect(Figure.text(number, digits) == text)
    }

    @Test func `a table is in columns`() {
        var table = Table(["", "µs", "ratio"])
        table.add(["server", "5.25", "1.04"])
        table.add(["floor", "5"])
        #expect(table.text == "          µs  ratio\nserver  5.25   1.04\nfloor      5")
        #expect(
            table.markdown == "|  | µs | ratio |\n| --- | ---: | ---: |\n| server | 5.25 | 1.04 |\n| floor | 5 |  |")
    }

    @Test func `a plan and a result survive the way between the processes`() throws {
        var plan = LoadPlan(work: .joinLeave)
        plan.pace = .steady(1234.5)
        plan.extent = .messages(17)
        plan.target.process = 99
        let other = try JSONText.decode(LoadPlan.self, from: JSONText.encode(plan))
        #expect(try JSONText.encode(other) == JSONText.encode(plan))
        #expect(other.pace == plan.pace && other.target == plan.target)
        var result = LoadResult()
        result.messages = 4
        result.serverCPU = 0.5
        #expect(try JSONText.decode(LoadResult.self, from: JSONText.encode(result)).serverCPUPerMessage == 0.125)
    }
}
