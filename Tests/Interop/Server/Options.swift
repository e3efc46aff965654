import EngineIO
import Foundation
import SocketIO

/// The command line: `--port N [--loops N] [--bundle DIR] [--page FILE] [--cors ORIGIN] [--ping-interval MS]
/// [--ping-timeout MS] [--connect-timeout MS] [--recovery SECONDS] [--parser json|msgpack] [--hooks yes]
/// [--allow-eio3 yes] [--certificate FILE --key FILE [--client-authority FILE]] [--trusted-proxy ADDRESS] [--for CLIENTS]
/// [--admin PASSWORD] [--by run] [--draining MS] [--compress 1|on] [--mounted yes] [--nodes FOLDER]`, where CLIENTS are
/// `everybody` or `interop-client`; administrators look at `/look`; with `--by run` it listens on all addresses, until a
/// signal, and may be draining then; with `--compress` everything is compressed, each message on its own or on and on; with
/// `--mounted yes` another server listens; with `--nodes` it passes requests on to those that share the folder.
struct Options {
    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    private var values: [String: String] = [:]

    init(_ arguments: some Sequence<String>) throws {
        let known: Set = [
            "--port", "--loops", "--bundle", "--page", "--cors", "--ping-interval", "--ping-timeout",
            "--connect-timeout", "--recovery", "--parser", "--certificate", "--key", "--trusted-proxy", "--for", "--by",
            "--admin", "--draining", "--client-authority", "--hooks", "--allow-eio3", "--compress", "--mounted",
            "--nodes",
        ]
        var rest = arguments.makeIterator()
        while let name = rest.next() {
            guard known.contains(name), let value = rest.next() else {
                throw UsageError(description: "\(name): unknown, or without a value")
            }
            values[name] = value
        }
    }

    var port: Int { number("--port") ?? 0 }
    var isForInteropClient: Bool { values["--for"] == "interop-client" }
    var runs: Bool { values["--by"] == "run" }
    var isMounted: Bool { values["--mounted"] == "yes" }
    var draining: Duration { .milliseconds(number("--draining") ?? 0) }
    var page: String? { values["--page"] }
    var adminPassword: String? { values["--admin"] }
    var tls: ServerTLS? {
        guard let certificate = values["--certificate"], let key = values["--key"] else { return nil }
        var tls = ServerTLS.pem(certificate: certificate, key: key)
        if let authority = values["--client-authority"] { tls.clientCertificates = .required(authorities: authority) }
        return tls
    }

    func apply(to configuration: inout SocketIOServer.Configuration) throws {
        if let loops = number("--loops") { configuration.loops = loops }
        if let folder = values["--bundle"] { configuration.clientBundle = .folder(folder) }
        if let proxy = values["--trusted-proxy"] { configuration.trustedProxies = try TrustedProxies([proxy]) }
        if values["--allow-eio3"] == "yes" { configuration.engine.allowEIO3 = true }
        if values["--hooks"] != nil { addHooks(to: &configuration.engine) }
        if let origin = values["--cors"] { configuration.engine.cors = .origins(origin) }
        if let milliseconds = number("--ping-interval") {
            configuration.engine.pingInterval = .milliseconds(milliseconds)
        }
        if let milliseconds = number("--ping-timeout") {
            configuration.engine.pingTimeout = .milliseconds(milliseconds)
        }
        if let how = values["--compress"] {
            var compression = EngineIOServer.PerMessageDeflate()
            compression.threshold = 1
            compression.serverNoContextTakeover = how != "on"
            compression.clientNoContextTakeover = how != "on"
            configuration.engine.perMessageDeflate = compression
            configuration.engine.httpCompression = .init()
            configuration.engine.httpCompression?.threshold = 1
        }
        if let folder = values["--nodes"] {
            configuration.engine.forwarding = NodeForwarding(
                host: "127.0.0.1", secret: "known to all nodes of a test",
                directory: FolderDirectory(folder: URL(filePath: folder)))
        }
        if values["--parser"] == "msgpack" { configuration.parser = .msgpack }
        if let seconds = number("--recovery") {
            configuration.recovery = .init(maxDisconnection: .seconds(seconds))
        }
        if let milliseconds = number("--connect-timeout") { configuration.connectTimeout = .milliseconds(milliseconds) }
    }

    /// What an application can say about each request of the engine.
    private func addHooks(to engine: inout EngineIOServer.Configuration) {
        engine.cookie = SessionCookie()
        engine.initialHeaders = { _ in [("X-First", "yes")] }
        engine.headers = { _ in [("X-Each", "yes")] }
        engine.middlewares.append { request in
            await Task.yield()
            guard request.headers["x-refuse"] == nil else { throw RequestRefused("not you") }
            return [("X-Seen", request.method)]
        }
    }

    private func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
}
