internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// Plain HTTP on the server's port: a few pages, scripts and calls beside the events.
///
/// ```swift
/// io.http.get("/") { request in .html("<h1>Hello</h1>") }
/// io.http.get("/users/:id") { request in .text("user \(request.parameters["id"] ?? "")") }
/// io.http.post("/messages", cors: .origins("https://your.page")) { request in
///     io.emit("message", try request.json(as: Message.self))
///     return .status(202)
/// }
/// io.http.folder("/assets", at: "Public")
/// ```
///
/// Routes can be added at any time, from any thread; there is one for a method and a path. A path is matched as a whole,
/// percent-decoded but for `%2F` and by its bytes. A segment `:name` stands for any that is not empty, and `*name` at the end
/// for all that follows; names count before parameters, and these before rests, whatever was added first. `HEAD` is answered
/// by the route for `GET`, unless it has one, and `OPTIONS` with the methods of the path in `Allow`, which is also what
/// another method gets, with 405.
///
/// Handlers run on an event loop: do not block in them. One that throws a `DecodingError`, as `HTTPRequest.json` does,
/// answers 400 with what is wrong with the body; any other error answers 500, and is logged. The task of one whose client
/// leaves is cancelled; what it answers nevertheless reaches a client that has only closed its side.
public final class HTTPRoutes: Sendable {
    /// Answers a request.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private struct Table {
        var tree = RouteTree()
        var folders: [StaticFolder] = []
        var accessHandler: (@Sendable (HTTPAccess) -> Void)?
    }

    let filesUnderWay = FilesUnderWay()

    /// So that a server without an access log takes no lock for it.
    private let hasAccessHandler = Atomic<Bool>(false)

    /// Guards the table; requests for pages are rare next to messages, which do not come by here.
    private let table = Mutex(Table())

    /// Whether the server takes new clients.
    let readiness = Readiness()
    /// The protocol above, for what it adds here.
    package let layer: (any UpperLayer)?

    init(of layer: (any UpperLayer)? = nil) {
        self.layer = layer
    }

    // MARK: What is registered

    /// Answers `GET` (and `HEAD`) of `path`.
    ///
    /// - Parameters:
    ///   - path: From its slash on; `/users/:id` and `/files/*path` have parameters.
    ///   - cors: Which other origins' pages may read what it answers, errors included but for a body over the limit, and ask
    ///     before (a preflight request); none by default. `io.configuration.cors` says which may connect, and can be given here.
    ///   - handler: Answers a request.
    public func get(_ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        on("GET", path, cors: cors, handler)
    }

    /// Answers `POST` to `path`; bodies are limited by `maxHttpBufferSize`. Otherwise as `get`.
    public func post(_ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        on("POST", path, cors: cors, handler)
    }

    /// Answers `PUT` of `path`; otherwise as `post`.
    public func put(_ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        on("PUT", path, cors: cors, handler)
    }

    /// Answers `PATCH` of `path`; otherwise as `post`.
    public func patch(_ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        on("PATCH", path, cors: cors, handler)
    }

    /// Answers `DELETE` of `path`; otherwise as `post`.
    public func delete(_ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        on("DELETE", path, cors: cors, handler)
    }

    /// Answers any method of `path`, written as on the wire: `on("PROPFIND", "/calendar")`. Otherwise as `post`.
    ///
    /// The process ends, with words, where there is such a route already, and where `method` or `path` is none: nobody would
    /// ever see what is wrong.
    public func on(_ method: String, _ path: String, cors: CORSPolicy? = nil, _ handler: @escaping Handler) {
        register(method, path, cors: cors, .whole(handler))
    }

    func register(_ method: String, _ path: String, cors: CORSPolicy?, _ work: Route.Work) {
        // A mistake in the program is said where it is written, at the start, and not as a 404 that nobody understands; so are
        // the others below.
        guard HTTPMethod.isName(method), !method.utf8.contains(where: \.isSmallLetter) else {
            fatalError("\"\(method)\" is no method of HTTP: write it as on the wire, \"GET\", \"PUT\", \"PROPFIND\"")
        }
        let route = Route(method: method, pattern: Self.pattern(path), cors: cors, work: work)
        let isFirst = table.withLock { table in
            table.tree.change(route.pattern) { place in
                guard !place.routes.contains(where: { $0.method == method }) else { return false }
                place.routes.append(route)
                return true
            }
        }
        guard isFirst else { fatalError("\(method) \(path) has a route already: one answers, not two") }
    }

    /// Serves the files of `folder` below `prefix`, with `index.html` for a folder itself.
    ///
    /// A folder that is named without its slash is redirected to the name with it. Links out of the folder are not followed
    /// and hidden files are not served, but for `.well-known`. A folder that is not there when the server begins to listen is
    /// a warning in the log, and looked for again with each request. A file is read as its client takes it, whatever its
    /// size, or a part of it that `Range` asks for; unchanged ones, and HEAD, are answered without opening it. More than
    /// `limits.filesUnderWay` at a time, or more than the process may open, are answered with 503. What a folder does not
    /// have is looked for in others at the same prefix, and then in routes and folders that are less exact: `/*path` can
    /// answer for what `folder("/", at: …)` lacks. A prefix with a parameter ends the process, with words.
    ///
    /// - Parameters:
    ///   - prefix: The path that the files are below.
    ///   - folder: Where they are.
    ///   - cors: Which other origins' pages may read the files; none by default.
    public func folder(_ prefix: String, at folder: String, cors: CORSPolicy? = nil) {
        let pattern = Self.pattern(prefix)
        // As in `register`.
        guard pattern.rest == nil, !pattern.segments.contains(where: \.isParameter) else {
            fatalError("the prefix \"\(prefix)\" of a folder has a parameter, of which the folder would know nothing")
        }
        var segments = pattern.segments
        // With or without a slash at its end.
        if case .name(let last)? = segments.last, last.isEmpty { segments.removeLast() }
        let (name, below) = (
            RoutePattern(segments: segments, rest: nil), RoutePattern(segments: segments, rest: "file")
        )
        let files = RouteTree.Folder(files: StaticFolder(folder), cors: cors)
        table.withLock { table in
            if !segments.isEmpty { table.tree.change(name) { $0.isFolderName = true } }
            table.tree.change(below) { $0.folders.append(files) }
            table.folders.append(files.files)
        }
    }

    /// Calls `handler` for each request that is over, on the loop of its connection and after its answer: for an access log.
    ///
    /// ```swift
    /// io.http.onResponse { access in print(access) }
    /// ```
    ///
    /// That is each request which is not the engine's, found or not, of a client whose head could be read and whose `Host`
    /// the server answers to; not those that the end of the server cuts off. One handler; a second call replaces the first,
    /// for requests that begin from then on.
    public func onResponse(_ handler: @escaping @Sendable (HTTPAccess) -> Void) {
        // The one that it replaces ends when the lock is free again: it may run code of the application then.
        let replaced = table.withLock { table in
            defer { table.accessHandler = handler }
            return table.accessHandler
        }
        withExtendedLifetime(replaced) {}
        hasAccessHandler.store(true, ordering: .releasing)
    }

    var accessHandler: (@Sendable (HTTPAccess) -> Void)? {
        hasAccessHandler.load(ordering: .acquiring) ? table.withLock { $0.accessHandler } : nil
    }

    /// Adds a WebSocket; false if there is one for its pattern already.
    func add(_ route: WebSocketRoute) -> Bool {
        table.withLock { table in
            table.tree.change(route.pattern) { place in
                guard place.webSocket == nil else { return false }
                place.webSocket = route
                return true
            }
        }
    }

    /// Says which folders are not there: that of a relative path is where the process runs, and not where its sources are.
    func noteMissingFolders(to logger: any ServerLogger) {
        for folder in table.withLock({ $0.folders }) where !folder.isThere {
            logger.log(
                at: .warning, "the folder \(folder.path) of `http.folder` is not there, so that its files are 404")
        }
    }

    static func pattern(_ path: String) -> RoutePattern {
        do throws(RoutePattern.Failure) {
            return try RoutePattern(parsing: path)
        } catch {
            // As in `register`.
            fatalError("the path \"\(path)\" of a route \(error.words)")
        }
    }

    // MARK: What a request finds

    /// What is to be done with a request.
    enum Match {
        case route(Route)
        case response(HTTPResponse)
    }

    func match(_ request: HTTPRequest) -> Match {
        let path = Array(request.path.utf8)
        let method = request.method
        let wantsFile = method == "GET" || method == "HEAD"
        // A value, which does not change any more: files are looked for without the lock.
        let tree = table.withLock { $0.tree }
        var passed: [RouteTree.Place] = []
        let match = tree.firstPlace(at: path) { found -> Match? in
            if wantsFile, let rest = found.rest, let file = found.place.file(path[rest...], for: request) {
                return .response(file)
            }
            if let route = found.place.route(for: method) { return .route(route) }
            if wantsFile, found.place.isFolderName {
                return .response(.redirect(to: request.kept.folderTarget, status: 301))
            }
            passed.append(found.place)
            return nil
        }
        return match ?? .response(Self.withoutRoute(request, passed))
    }

    /// The answer where no route is for the method.
    private static func withoutRoute(_ request: HTTPRequest, _ places: [RouteTree.Place]) -> HTTPResponse {
        let isOptions = request.method == "OPTIONS"
        if request.method == "GET", places.contains(where: { $0.webSocket != nil }) { return .webSocketRequired }
        // RFC 9110 9.3.7: the server as a whole.
        if isOptions, request.path.utf8.elementsEqual("*".utf8) { return HTTPResponse(status: 204) }
        let allowed = allowedMethods(of: places, withFolders: isOptions)
        guard !allowed.isEmpty else { return .status(404) }
        let list = allowed.joined(separator: ", ")
        guard isOptions else {
            // RFC 9110 15.5.6.
            var response = HTTPResponse.status(405)
            response.fields.append(("Allow", list))
            return response
        }
        var response = HTTPResponse(status: 204, fields: [("Allow", list)])
        if let wanted = request.headers["access-control-request-method"],
            let cors = places.first(where: { $0.answers(wanted) })?.cors(of: wanted)
        {
            response.status = cors.successStatus
            response.fields += cors.preflightFields(
                methods: allowed,
                requestedHeaders: request.headers["access-control-request-headers"])
            response = response.adding(cors, for: request)
        }
        return response
    }

    private static func allowedMethods(of places: [RouteTree.Place], withFolders: Bool) -> [String] {
        var methods: [String] = []
        func add(_ method: String) {
            if !methods.contains(method) { methods.append(method) }
        }
        for place in places {
            let hasFiles = withFolders && (place.isFolderName || !place.folders.isEmpty)
            for method in place.routes.map(\.method) + (hasFiles ? ["GET"] : []) {
                add(method)
                if method == "GET" { add("HEAD") }
            }
        }
        return methods
    }

    /// The route that reads the body of such a request as it arrives, if it is one of those.
    func streamedRoute(_ method: HTTPMethod, _ path: String) -> Route? {
        guard method != .get, method != .head else { return nil }
        let route = table.withLock { $0.tree }.firstPlace(at: Array(path.utf8)) { $0.place.route(for: method.name) }
        guard let route, case .streamed = route.work else { return nil }
        return route
    }

    func webSocketRoute(_ path: String) -> WebSocketRoute? {
        table.withLock { $0.tree }.firstPlace(at: Array(path.utf8)) { $0.place.webSocket }
    }
}

extension RouteTree.Place {
    fileprivate func answers(_ method: String) -> Bool {
        route(for: method) != nil || !folders.isEmpty && (method == "GET" || method == "HEAD")
    }

    /// Which pages may read what it answers to `method`.
    fileprivate func cors(of method: String) -> CORSPolicy? {
        if let route = route(for: method) { return route.cors }
        return folders.first?.cors
    }
}

extension UInt8 {
    fileprivate var isSmallLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
