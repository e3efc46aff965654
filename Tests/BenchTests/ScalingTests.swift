import CommandLineOptions
import Testing

@testable import bench

struct ScalingTests {
    @Test func `one of many may cost a little more than one of few`() throws {
        // 100 are there once; each of 64 costs 10, and each of 512 costs 13.
        let cost = try ScalingCost(ofParts: [9, 110, 9, 110, 9, 110 + 63 * 10, 9, 110 + 511 * 13], count: 64)
        #expect(cost.few == 10)
        #expect(cost.many == 13)
        #expect(cost.ratio == 1.3)
        #expect(cost.isSteady)
    }

    @Test(arguments: [[9, 400, 9, 110], [9, 110, 9, 400]])
    func `what comes by chance while one runs alone makes the others no cheaper`(one: [Int]) throws {
        #expect(try ScalingCost(ofParts: one + [9, 110 + 63 * 10, 9, 110 + 511 * 10], count: 64).ratio == 1)
    }

    @Test func `one of many that costs more is found`() throws {
        let cost = try ScalingCost(ofParts: [9, 110, 9, 110, 9, 110 + 63 * 100, 9, 110 + 511 * 131], count: 64)
        #expect(!cost.isSteady)
    }

    @Test func `what costs the square of the number is found`() throws {
        let totals = ScalingCost.counts(64).map { 1_000 + $0 * $0 }
        let cost = try ScalingCost(ofParts: totals.flatMap { [0, $0] }, count: 64)
        #expect(cost.ratio > 7.5)
        #expect(!cost.isSteady)
    }

    @Test(arguments: [[], [1, 2, 3, 4, 5, 6, 7], [0, 5, 0, 5, 0, 5, 0, 500], [0, 5, 0, 5, 0, 500, 0, 5]])
    func `a run that does nothing for each proves nothing`(parts: [Int]) {
        #expect(throws: LoadFailure.self) { _ = try ScalingCost(ofParts: parts, count: 64) }
    }

    @Test(arguments: [
        ("6", 6, nil), ("2 not found", 2, "not found"), ("0 a", 0, "a"), ("nonsense", 0, "nonsense"),
        ("a b", 0, "a b"),
    ])
    func `an answer is the number of marks, and why there are not more`(line: String, marks: Int, failure: String?) {
        #expect(ScalingAnswer(parsing: line) == ScalingAnswer(marks: marks, failure: failure))
    }

    @Test func `operations are chosen by how their names begin`() throws {
        let all = ScalingOperation.all().joined().map(\.name)
        #expect(Set(all).count == all.count)
        #expect(try ScalingOperation.chosen(by: []).joined().count == all.count)
        let some = try ScalingOperation.chosen(by: ["leave-list", "timers"]).joined().map(\.name)
        #expect(some == all.filter { $0 == "leave-list" || $0.hasPrefix("timers") })
        #expect(throws: UsageError.self) { _ = try ScalingOperation.chosen(by: ["timers", "dance"]) }
    }

    @Test func `the report has all operations, and ends with those that fail`() throws {
        let (steady, grown) = ([0, 0, 0, 0, 0, 63, 0, 511], [0, 0, 0, 0, 0, 6_300, 0, 511_000])
        var report = ScalingReport()
        report.add("steady", count: 64, .success(try ScalingCost(ofParts: steady, count: 64)))
        #expect(report.failed == [])
        #expect(!report.text.contains("grows"))
        report.add("grown", count: 64, .success(try ScalingCost(ofParts: grown, count: 64)))
        report.add("broken", count: 64, .failure(LoadFailure("ends the process")))
        report.add("forgotten", count: 64, nil)
        #expect(report.failed == ["grown", "broken", "forgotten"])
        let end = report.text.split(separator: "The cost of one grows").last ?? ""
        for text in ["grown  64       100       1,000  10.00", "broken: ends the process", "forgotten: not measured"] {
            #expect(end.contains(text))
        }
        #expect(!end.contains("steady"))
    }
}
