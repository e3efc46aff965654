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
/// Routes can be added at any time, from any thread. A path is matched as a whole; of two equal ones the later counts.
/// `HEAD` is answered by the route for `GET`. Handlers run on an event loop: do not block in them. One that throws
/// answers 500, and the error is logged. The task of one whose client leaves is cancelled; what it answers nevertheless
/// reaches a client that has only closed its side.
public final class HTTPRoutes: Sendable {
    /// Answers a request.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private struct Key: Hashable {
        let method: String
        let path: String
    }

    private struct Table {
        var handlers: [Key: Handler] = [:]
        var folders: [(prefix: String, folder: StaticFolder)] = []
        var webSockets: [String: WebSocketRoute] = [:]
    }

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

    /// Serves the files of `folder` below `prefix`, with `index.html` for the folder itself.
    ///
    /// Links out of the folder are not followed and hidden files are not served.
    public func folder(_ prefix: String, at folder: String) {
        let prefix = prefix.hasSuffix("/") ? prefix : prefix + "/"
        let folder = StaticFolder(folder)
        table.withLock { $0.folders.append((prefix, folder)) }
    }

    /// Sends every message of plain WebSocket clients at `path` back, without Engine.IO: for conformance suites.
    package func webSocketEcho(_ path: String, maxMessageBytes: Int, maxFragments: Int = 1 << 20) {
        let limits = WebSocketLimits(messageBytes: maxMessageBytes, fragments: maxFragments)
        table.withLock { $0.webSockets[path] = .echo(limits) }
    }

    private func add(_ method: String, _ path: String, _ handler: @escaping Handler) {
        // The one that it replaces ends when the lock is free again: it may run code of the application then.
        let replaced = table.withLock { $0.handlers.updateValue(handler, forKey: Key(method: method, path: path)) }
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
        let path = request.path
        let (handler, others, folders) = table.withLock { table in
            let others = ["GET", "POST"].filter { table.handlers[Key(method: $0, path: path)] != nil }
            return (table.handlers[Key(method: method, path: path)], others, table.folders)
        }
        if let handler { return .handler(handler) }
        if method == "GET" {
            for (prefix, folder) in folders where path.hasPrefix(prefix) {
                let rest = path.dropFirst(prefix.count)
                let none = request.headers["if-none-match"]
                if let response = folder.response(to: rest, ifNoneMatch: none, cacheControl: "no-cache") {
                    return .response(response)
                }
            }
        }
        guard !others.isEmpty else { return .notFound }
        // RFC 9110 15.5.6.
        return .wrongMethod(allowed: others.map { $0 == "GET" ? "GET, HEAD" : $0 }.joined(separator: ", "))
    }

    func webSocketRoute(_ path: String) -> WebSocketRoute? {
        table.withLock { $0.webSockets[path] }
    }
}
