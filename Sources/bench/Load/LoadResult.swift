/// What a load generator measured, which it prints as JSON.
struct LoadResult: Codable {
    /// Messages that came back within the window; deliveries, or connections, where these are what is counted.
    var messages = 0
    /// Pings that came within the window.
    var heartbeats = 0
    /// Of the window.
    var seconds = 0.0
    /// In the server, of all its threads, in seconds; nil if its process is not known.
    var serverCPU: Double?
    /// In the generator, in seconds, without looking for replies in vain.
    var generatorCPU = 0.0
    /// How many CPUs everything else on the machine kept busy, on average.
    var otherLoad = 0.0
    /// In seconds.
    var latency = Latency()
    /// How much the server's memory grew while the connections opened; nil if its process is not known.
    var bytesPerConnection: Double?

    struct Latency: Codable {
        var p50 = 0.0
        var p90 = 0.0
        var p99 = 0.0
        var p999 = 0.0
    }

    /// Of one core, on average.
    var serverBusy: Double? { serverCPU.map { $0 / seconds } }
    var generatorBusy: Double { generatorCPU / seconds }
    var rate: Double { Double(messages) / seconds }
    /// Nil also where there were no messages, only time.
    var serverCPUPerMessage: Double? { messages > 0 ? serverCPU.map { $0 / Double(messages) } : nil }
    var generatorCPUPerMessage: Double? { messages > 0 ? generatorCPU / Double(messages) : nil }
}

/// Why a run has no figures: something came back wrong, or not at all.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
