import Foundation

/// What takes part in a soak, which `soak.py` runs: `soak-peer node PORT REDIS` or `soak-peer clients URL COUNT`.
@main
struct SoakPeer {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        if words.count == 3, words.first == "node", let port = Int(words[2]) {
            try await runNode(port: port, redis: words[3])
        } else if words.count == 3, words.first == "clients", let count = Int(words[3]) {
            try await runClients(of: words[2], count)
        } else {
            write("usage: soak-peer node PORT REDIS | soak-peer clients URL COUNT")
        }
    }
}

/// Writes a line at once, in one piece: who reads it waits on a pipe.
func write(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
