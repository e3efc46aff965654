import FoundationEssentials
import NetLoop

extension Machine {
    /// Processor, cores and kernel.
    static var description: String {
        let processor = Host.text(of: "/proc/cpuinfo").flatMap { modelName(in: $0) } ?? "unknown processor"
        let kernel = Host.text(of: "/proc/sys/kernel/osrelease")?.split(separator: "\n").first ?? "unknown"
        return "\(processor), \(coreCount) cores, Linux \(kernel)"
    }

    static var today: String {
        Date.now.formatted(.iso8601.year().month().day())
    }

    /// The value of the first line `model name : …` of `/proc/cpuinfo`.
    static func modelName(in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("model name") {
            return line.split(separator: ":").dropFirst().first.map { String($0.drop { $0 == " " }) }
        }
        return nil
    }
}
