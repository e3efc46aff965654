/// What answers one method of one pattern.
struct Route: Sendable, CustomStringConvertible {
    let method: String
    let pattern: RoutePattern
    /// Which other origins' pages may read the answer; nil for none.
    let cors: CORSPolicy?
    let work: Work

    /// Who answers, and when.
    enum Work: Sendable {
        /// Once the body is there.
        case whole(HTTPRoutes.Handler)
        /// As the body arrives, of at most `limit` bytes.
        case streamed(limit: Int, HTTPRoutes.StreamHandler)
    }

    var description: String { "\(method) \(pattern)" }
}

extension RouteTree.Place {
    /// The route that answers `method`: that for `GET` answers `HEAD`, too (RFC 9110 9.3.2).
    func route(for method: String) -> Route? {
        let route = routes.first { $0.method == method }
        return route == nil && method == "HEAD" ? routes.first { $0.method == "GET" } : route
    }

    /// The file that its folders have, or the way to a folder in them.
    ///
    /// - Parameter rest: Percent-decoded but for `%2F`.
    func file(_ rest: ArraySlice<UInt8>, for request: HTTPRequest) -> HTTPResponse? {
        for folder in folders {
            let response: HTTPResponse
            switch folder.files.entry(at: String(decoding: rest, as: UTF8.self)) {
            case .file(let file): response = file.response(to: FileRequest(request), cacheControl: "no-cache")
            case .folder: response = .redirect(to: request.kept.folderTarget, status: 301)
            case nil: continue
            }
            return response.adding(folder.cors, for: request)
        }
        return nil
    }
}

extension HTTPResponse {
    /// The same with what lets pages of other origins read it.
    func adding(_ cors: CORSPolicy?, for request: HTTPRequest) -> HTTPResponse {
        guard let cors else { return self }
        var response = self
        response.fields += cors.responseFields(origin: request.headers["origin"])
        return response
    }
}
