/// What another process uses.
struct ProcessUsage {
    private let id: Int32
    private let clock: CPUClock

    init(of process: Int32) throws(LoadFailure) {
        guard let clock = CPUClock(of: process) else { throw LoadFailure("there is no process \(process)") }
        id = process
        self.clock = clock
    }

    /// CPU time of all its threads, in nanoseconds.
    var cpu: UInt64 { clock.now }

    /// Bytes of its memory that are resident: counted page by page, because the running total of `/proc/PID/status` is
    /// up to some hundred pages behind.
    var residentBytes: Int? {
        Host.text(of: "/proc/\(id)/smaps_rollup").flatMap { Self.kilobytes("Rss", in: $0) }.map { $0 * 1024 }
    }

    /// The number in the line `NAME:   N kB`.
    static func kilobytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }
}
