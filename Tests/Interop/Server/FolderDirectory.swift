import EngineIO
import Foundation

/// Where the servers of one test find each other: a file for each of them.
struct FolderDirectory: NodeDirectory {
    let folder: URL

    func register(_ node: String, at address: String, for time: Duration) async throws {
        try Data(address.utf8).write(to: folder.appending(path: node), options: .atomic)
    }

    func remove(_ node: String) async throws {
        try FileManager.default.removeItem(at: folder.appending(path: node))
    }

    func address(of node: String) async throws -> String? {
        let file = folder.appending(path: node)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try String(contentsOf: file, encoding: .utf8)
    }
}
