/// How long all CPUs together have been busy, in seconds since the machine started.
struct MachineTime {
    let busy: Double

    static var now: MachineTime? {
        Host.text(of: "/proc/stat").flatMap { MachineTime(stat: $0, ticksPerSecond: Host.ticksPerSecond) }
    }

    /// Reads the first line of `/proc/stat` (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal.
    init?(stat: String, ticksPerSecond: Int) {
        guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let ticks = line.split(separator: " ").dropFirst().compactMap { Int($0) }
        guard ticks.count >= 8 else { return nil }
        // Time stolen by other virtual machines is a load too: it is not there for us.
        busy = Double(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / Double(ticksPerSecond)
    }
}
