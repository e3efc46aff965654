internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// Plain HTTP on the server's port: a few pages, scripts and calls beside the events.
///
/// ```swift
/// io.http.get("/") { request in .html("<h1>Hello</h1>") }
/// io.http.folder("/assets", at: "Public")
/// ```
///
/// Routes can be added at any time, from any thread. A path is matched as a whole, percent-decoded but for `%2F` and by
/// its bytes; of two equal ones the later counts. `HEAD` is answered by the route for `GET`. Handlers run on an event
/// loop: do not block in them. One that throws a `DecodingError`, as `HTTPRequest.json` does, answers 400 with what is
/// wrong with the body; any other error answers 500, and is logged. The task of one whose client leaves is cancelled;
/// what it answers nevertheless reaches a client that has only closed its side.
public final class HTTPRoutes: Sendable {
    /// Answers a request.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    /// Told apart by bytes: what is equal for a reader may be another path.
    private struct Key: Hashable {
        let method: String
        let path: [UInt8]
    }

    private struct Table {
        var handlers: [Key: Handler] = [:]
        var folders: [(prefix: [UInt8], folder: StaticFolder)] = []
        var webSockets: [[UInt8]: WebSocketRoute] = [:]
    }

    let filesUnderWay = FilesUnderWay()

    /// Guards the table; requests for pages are rare next to messages, which do not come by here.
    private let table = Mutex(Table())

    init() {}

    /// Answers `GET` (and `HEAD`) of `path`.
    public func get(_ path: String, _ handler: @escaping Handler) {
        add("GET", path, handler)
    }

    /// Answers `POST` to `path`; bodies are limited by `maxHttpBufferSize`.
    public func post(_ path: String, _ handler: @escaping Handler) {
        add("POST", path, handler)
    }

    /// Serves the files of `folder` below `prefix`, with `index.html` for a folder itself.
    ///
    /// A folder that is named without its slash is redirected to the name with it. Links out of the folder are not followed
    /// and hidden files are not served. A file is read as its client takes it, whatever its size, or a part of it that
    /// `Range` asks for; unchanged ones, and HEAD, are answered without opening it. More than `limits.filesUnderWay` at a
    /// time, or more than the process may open, are answered with 503.
    public func folder(_ prefix: String, at folder: String) {
        let prefix = Array((prefix.hasSuffix("/") ? prefix : prefix + "/").utf8)
        let folder = StaticFolder(folder)
        table.withLock { $0.folders.append((prefix, folder)) }
    }

    /// Sends every message of plain WebSocket clients at `path` back, without Engine.IO: for conformance suites.
    package func webSocketEcho(_ path: String, maxMessageBytes: Int, maxFragments: Int = 1 << 20) {
        let limits = WebSocketLimits(messageBytes: maxMessageBytes, fragments: maxFragments)
        table.withLock { $0.webSockets[Array(path.utf8)] = .echo(limits) }
    }

    private func add(_ method: String, _ path: String, _ handler: @escaping Handler) {
        // The one that it replaces ends when the lock is free again: it may run code of the application then.
        let key = Key(method: method, path: Array(path.utf8))
        let replaced = table.withLock { $0.handlers.updateValue(handler, forKey: key) }
        withExtendedLifetime(replaced) {}
    }

    /// What is to be done with a request.
    enum Match {
        case handler(Handler)
        case response(HTTPResponse)
        case notFound
        /// The path has a route, for another method: these.
        case wrongMethod(allowed: String)
    }

    func match(_ request: HTTPRequest) -> Match {
        let method = request.method == "HEAD" ? "GET" : request.method
        let path = Array(request.path.utf8)
        let (handler, others, folders) = table.withLock { table in
            let others = ["GET", "POST"].filter { table.handlers[Key(method: $0, path: path)] != nil }
            return (table.handlers[Key(method: method, path: path)], others, table.folders)
        }
        if let handler { return .handler(handler) }
        if method == "GET", let response = Self.response(of: folders, to: request, path) { return .response(response) }
        guard !others.isEmpty else { return .notFound }
        // RFC 9110 15.5.6.
        return .wrongMethod(allowed: others.map { $0 == "GET" ? "GET, HEAD" : $0 }.joined(separator: ", "))
    }

    private static func response(
        of folders: [(prefix: [UInt8], folder: StaticFolder)], to request: HTTPRequest, _ path: [UInt8]
    ) -> HTTPResponse? {
        for (prefix, folder) in folders {
            let entry: StaticFolder.Entry?
            if path.starts(with: prefix) {
                entry = folder.entry(at: String(decoding: path.dropFirst(prefix.count), as: UTF8.self))
            } else {
                entry = path.elementsEqual(prefix.dropLast()) ? .folder : nil
            }
            switch entry {
            case .file(let file):
                let wish = FileRequest(isGet: request.method == "GET") { request.headers[$0] }
                return file.response(to: wish, cacheControl: "no-cache")
            case .folder: return .redirect(to: request.kept.folderTarget, status: 301)
            case nil: break
            }
        }
        return nil
    }

    func webSocketRoute(_ path: String) -> WebSocketRoute? {
        table.withLock { $0.webSockets[Array(path.utf8)] }
    }
}
