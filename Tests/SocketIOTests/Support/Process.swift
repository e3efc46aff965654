import Foundation

/// What Linux says about this process.
enum Process {
    /// Open descriptors.
    static var descriptorCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    /// Descriptors of connections whose local port is `port`: those of one server, whoever else runs in the process.
    static func connectionCount(onPort port: Int) -> Int {
        let suffix = ":" + (String(port, radix: 16, uppercase: true) as NSString).padded(to: 4)
        var sockets: Set<String> = []
        for line in (text("/proc/net/tcp") ?? "").split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ")
            // local_address, and the state: 0A listens.
            if words.count > 9, words[1].hasSuffix(suffix), words[3] != "0A" { sockets.insert("socket:[\(words[9])]") }
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))
                .map(sockets.contains) ?? false
        }
    }

    /// Bytes of memory that are in use.
    static var residentBytes: Int {
        let line = (text("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    private static func text(_ path: String) -> String? {
        (FileManager.default.contents(atPath: path)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension NSString {
    fileprivate func padded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - length)) + (self as String)
    }
}
