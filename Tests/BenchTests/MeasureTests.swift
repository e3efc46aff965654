import NetLoop
import Testing

@testable import bench

struct MeasureTests {
    @Test func `reads how long the machine has been busy`() {
        let stat = "cpu  100 20 30 4000 50 6 7 8 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
        // Not idle, not waiting for disks, and guests are in user time already.
        #expect(MachineTime(stat: stat, ticksPerSecond: 100)?.busy == 1.71)
    }

    @Test(arguments: ["", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3", "intr 5"])
    func `knows what is not the machine's time`(stat: String) {
        #expect(MachineTime(stat: stat, ticksPerSecond: 100) == nil)
    }

    @Test func `reads a size from a process's status`() {
        let text = "557ad6012000-7ffe30959000 ---p 00000000 00:00 0 [rollup]\nRss:      1760 kB\nPss:   511 kB\n"
        #expect(ProcessUsage.kilobytes("Rss", in: text) == 1760)
        #expect(ProcessUsage.kilobytes("Pss", in: text) == 511)
        #expect(ProcessUsage.kilobytes("Swap", in: text) == nil)
    }

    @Test func `CPU time of a process is what the scheduler has run its threads`() throws {
        let process = try ChildProcess([
            "sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo x; read y",
        ])
        #expect(process.line(patience: .seconds(60)) == "x")
        let usage = try ProcessUsage(of: process.id)
        let statistics = try #require(Host.text(of: "/proc/\(process.id)/task/\(process.id)/schedstat"))
        let run = try #require(statistics.split(separator: " ").first.flatMap { Double($0) })
        #expect((Double(usage.cpu) / run - 1).magnitude < 0.05)
        #expect(try #require(usage.residentBytes) > 100_000)
    }

    @Test func `there is no usage of a process that is not there`() {
        // One more than Linux ever numbers.
        #expect(throws: LoadFailure.self) { _ = try ProcessUsage(of: 1 << 22) }
    }

    @Test func `callgrind's total is the number behind totals`() {
        #expect(Callgrind.total(in: "events: Ir\nsummary: 5\nfn=(1) main\n1 5\n\ntotals: 83383115\n") == 83_383_115)
        #expect(Callgrind.total(in: "summary: 5") == nil)
    }

    @Test func `thresholds are read as they are written`() throws {
        var thresholds = Thresholds()
        thresholds.append("echo-1", 10_666.4)
        thresholds.append("json-scan", 2_195)
        let read = try Thresholds(parsing: thresholds.text)
        #expect(read["echo-1"] == 10_666)
        #expect(read["json-scan"] == 2_195)
        #expect(read["other"] == nil)
        #expect(throws: LoadFailure.self) { _ = try Thresholds(parsing: "echo-1 many") }
    }

    @Test func `reads the processor's name`() {
        #expect(Machine.modelName(in: "processor : 0\nmodel name\t: AMD EPYC: 7\n") == "AMD EPYC")
        #expect(Machine.modelName(in: "") == nil)
    }
}
