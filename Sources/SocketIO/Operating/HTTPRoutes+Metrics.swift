public import EngineIO

extension HTTPRoutes {
    /// Answers `GET` of `path` with `SocketIOServer.metrics` in Prometheus' text format; everybody may ask.
    ///
    /// ```swift
    /// io.http.metrics("/metrics")
    /// ```
    /// While an event loop does not answer, the route says so with 503, and Prometheus that the server is not up: sums without
    /// that loop would look like a server that began anew.
    ///
    /// Where not everybody is to know, have the proxy in front ask who it is, or answer by `Metrics.prometheusText` in a route of
    /// your own:
    ///
    /// ```swift
    /// io.http.get("/metrics") { request in
    ///     guard request.remoteAddress == "192.0.2.7" else { return .status(404) }
    ///     return .text(await io.metrics.prometheusText)
    /// }
    /// ```
    /// The process ends, with words, for an `EngineIOServer`, which has none.
    public func metrics(_ path: String = "/metrics") {
        guard let context = layer as? ServerContext else {
            fatalError("an EngineIOServer has no metrics: they belong to a SocketIOServer")
        }
        get(path) { _ in .prometheus(await context.metrics()) }
    }
}

extension HTTPResponse {
    /// The page that Prometheus reads.
    static func prometheus(_ metrics: SocketIOServer.Metrics) -> HTTPResponse {
        guard metrics.unansweredLoops == 0 else {
            let lag = metrics.loopLag.map { "\($0)" }.joined(separator: ", ")
            return .text(
                "\(metrics.unansweredLoops) of \(metrics.loopLag.count) event loops did not answer: a handler blocks them. "
                    + "How late each is: \(lag)\n", status: 503)
        }
        return HTTPResponse(contentType: PrometheusText.contentType, body: Array(metrics.prometheusText.utf8))
    }
}
