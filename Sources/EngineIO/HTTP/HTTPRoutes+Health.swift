extension HTTPRoutes {
    /// Answers `GET` of `path` with 200 and `ok`: the process lives, and so does the event loop that answers.
    ///
    /// For a probe that has the process started anew where it is not answered in time. Its connections are dealt out to all
    /// event loops in turn. One that asks by a name or an address that `configuration.hosts` does not list gets 421.
    public func health(_ path: String = "/healthz") {
        get(path) { _ in Self.answer("ok", isGood: true) }
    }

    /// Answers `GET` of `path` with 200 and `ready` while the server takes new clients, and with 503 while it does not: from
    /// the beginning of `shutdown` on, or where `check` says no.
    ///
    /// For a probe of whoever sends clients here, a load balancer or Kubernetes.
    ///
    /// - Parameters:
    ///   - path: What is asked for.
    ///   - check: Whether what the application needs is there; asked for each request, on an event loop.
    public func readiness(_ path: String = "/readyz", _ check: @escaping @Sendable () async -> Bool = { true }) {
        get(path) { [readiness] _ in
            guard readiness.isReady else { return Self.answer("not ready: the server shuts down", isGood: false) }
            return await check() ? Self.answer("ready", isGood: true) : Self.answer("not ready", isGood: false)
        }
    }

    private static func answer(_ words: String, isGood: Bool) -> HTTPResponse {
        var response = HTTPResponse.text(words, status: isGood ? 200 : 503)
        response.fields.append(("Cache-Control", "no-store"))
        return response
    }
}
