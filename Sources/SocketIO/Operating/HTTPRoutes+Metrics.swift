public import EngineIO

extension HTTPRoutes {
    /// Answers `GET` of `path` with `SocketIOServer.metrics` in Prometheus' text format; everybody may ask.
    ///
    /// ```swift
    /// io.http.metrics("/metrics")
    /// ```
    /// Where not everybody is to know, have the proxy in front ask who it is, or answer by `Metrics.prometheusText` in a route of
    /// your own:
    ///
    /// ```swift
    /// io.http.get("/metrics") { request in
    ///     guard request.address == "192.0.2.7" else { return .status(404) }
    ///     return .text(await io.metrics.prometheusText)
    /// }
    /// ```
    /// The process ends, with words, for an `EngineIOServer`, which has none.
    public func metrics(_ path: String = "/metrics") {
        guard let context = layer as? ServerContext else {
            fatalError("an EngineIOServer has no metrics: they belong to a SocketIOServer")
        }
        get(path) { _ in
            HTTPResponse(
                contentType: PrometheusText.contentType, body: Array(await context.metrics.prometheusText.utf8))
        }
    }
}
