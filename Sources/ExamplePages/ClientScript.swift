package import CommandLineOptions
import Foundation
package import SocketIO

/// Where an example's page gets the Socket.IO client from.
package enum ClientScript: Equatable, Sendable {
    /// The official copy, which needs the internet.
    case cdn
    case folder(String, name: String)

    /// - Throws: `UsageError` for a folder that does not have it: the page would not work.
    package init(folder: String?) throws(UsageError) {
        guard let folder else {
            self = .cdn
            return
        }
        let name = ["socket.io.min.js", "socket.io.js"].first {
            FileManager.default.isReadableFile(atPath: "\(folder)/\($0)")
        }
        guard let name else {
            throw UsageError(
                """
                --client-bundle: there is no socket.io.min.js or socket.io.js in '\(folder)'; the npm package \
                socket.io-client has them in its folder dist
                """)
        }
        self = .folder(folder, name: name)
    }

    /// The file that the page asks for.
    package var name: String {
        switch self {
        case .cdn: "socket.io.min.js"
        case .folder(_, let name): name
        }
    }

    /// Whom the page may take scripts from, beside the server.
    package var origin: String? {
        switch self {
        case .cdn: "https://cdn.socket.io"
        case .folder: nil
        }
    }

    package var bundle: ClientBundle {
        switch self {
        case .cdn: .cdn
        case .folder(let folder, _): .folder(folder)
        }
    }
}
