import EngineIO
import Foundation
import MountedHost
import SocketIO

/// The server that the real clients of `Tests/Interop` talk to: one handler for each thing that they check.
@main
struct InteropServer {
    static func main() async throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let io = SocketIOServer()
        try options.apply(to: &io.configuration)
        // In pieces of 64 bytes.
        io.configuration.engine.limits.fragmentsPerMessage = 1 << 20

        let record = Record()
        if options.isForInteropClient {
            CheckedServer(io: io).install()
        } else {
            RootNamespace(io: io, record: record).install()
            OtherNamespaces(io: io).install()
            DynamicRooms(io: io).install()
            if io.configuration.recovery != nil { Counter(io: io).start() }
        }
        if let password = options.adminPassword {
            io.admin(password: password) { ($0.namespace, $0.page) = ("/look", "/look") }
        }
        try installRoutes(io.http, options: options, record: record)

        if options.isMounted { return try await serve(io, within: MountedHost(port: options.port, answer(by: io))) }
        if options.runs { return try await io.run(port: options.port, tls: options.tls, draining: options.draining) }
        let address = try await io.listen(host: "127.0.0.1", port: options.port, tls: options.tls)
        tellPort(address.port)
        await io.waitUntilClosed()
    }

    private static func serve(_ io: SocketIOServer, within host: MountedHost) async throws {
        try await io.start()
        tellPort(host.port)
        await io.waitUntilClosed()
        host.close()
    }

    private static func answer(by io: SocketIOServer) -> MountedHost.Answer {
        { request, body in try await io.respond(to: request, body: body) }
    }

    private static func tellPort(_ port: Int) {
        // Past the buffering of `print`: the tests wait for this line on a pipe.
        FileHandle.standardOutput.write(Data("listening on \(port)\n".utf8))
    }

    /// Where a request comes from.
    private struct Whereabouts: Codable {
        let address: String
        let isSecure: Bool
        let host: String?
        let certificate: String?
    }

    private static func installRoutes(_ http: HTTPRoutes, options: Options, record: Record) throws {
        if let path = options.page {
            let page = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            http.get("/") { _ in HTTPResponse.html(page) }
        }
        http.get("/where") { request in
            try .json(
                Whereabouts(
                    address: request.remoteAddress, isSecure: request.isSecure, host: request.host,
                    certificate: request.clientCertificate?.subject))
        }
        http.get("/record") { _ in try HTTPResponse.json(record.summary) }
        // Messages of 16 MiB: what the cases 9.* of the Autobahn suite send.
        http.webSocket("/ws-echo", maxMessageBytes: 16 << 20) { socket in
            for await message in socket { try await socket.send(message) }
        }
    }
}
