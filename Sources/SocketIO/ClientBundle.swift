internal import EngineIO

/// Where the browser's Socket.IO client comes from (Protocol.md 7).
public struct ClientBundle: Sendable {
    private enum Source: Sendable {
        case folder(StaticFolder)
        case cdn
        case none
    }

    private let source: Source

    /// The files of a folder, for instance `node_modules/socket.io-client/dist`.
    public static func folder(_ path: String) -> ClientBundle {
        ClientBundle(source: .folder(StaticFolder(path)))
    }

    /// A redirect to the official files of a pinned version.
    public static let cdn = ClientBundle(source: .cdn)
    /// Nothing: the requests are the engine's, as with the official `serveClient: false`, which refuses them with 400
    /// and code 0.
    public static let none = ClientBundle(source: .none)

    /// Whom a page takes the client from, if not from this server.
    var origin: String? {
        switch source {
        case .cdn: "https://cdn.socket.io"
        case .folder, .none: nil
        }
    }

    /// The version that `.cdn` redirects to.
    public static let cdnVersion = "4.8.1"

    private static let scripts = [
        "socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js",
    ]
    private static let names = Set(scripts + scripts.map { $0 + ".map" })

    /// The answer to a request for the file `name` below the engine's path; nil if it is no file of the bundle.
    @Sendable func response(to name: String, for request: () -> FileRequest) -> HTTPResponse? {
        guard Self.names.contains(name) else { return nil }
        switch source {
        case .folder(let folder):
            return folder.response(to: name, for: request(), cacheControl: "public, max-age=0")
                ?? .text("\(name) is not in the folder that `clientBundle` names.", status: 404)
        case .cdn:
            return .redirect(to: "https://cdn.socket.io/\(Self.cdnVersion)/\(name)")
        case .none:
            return nil
        }
    }
}
