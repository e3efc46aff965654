import NetLoop
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite struct EndpointTests {
    /// `@unchecked Sendable`: constant.
    private struct Settings: @unchecked Sendable { let endpoint: Endpoint }

    private func settings(_ url: String, _ connections: ConnectionCount = ConnectionCount()) throws -> Settings {
        var configuration = ClientManager.Configuration()
        configuration.connectTimeout = .seconds(5)
        return Settings(endpoint: try configuration.address(url: url, connections: connections).endpoint)
    }

    @Test func `a connection is counted until it is closed, and one that fails is not`() async throws {
        let server = try ScriptedServer { try $0.readToEnd() }
        defer { server.stop() }
        let (connections, lines) = (ConnectionCount(), Lines())
        let settings = try settings(server.url, connections)
        let loop = try ClientLoops.next()
        await loop.call { loop in
            _ = settings.endpoint.connect(on: loop) { result in
                guard case .success(let connection) = result else { return lines.append("failed") }
                lines.append("connected, \(connections.value)")
                connection.close()
                lines.append("closed, \(connections.value)")
            }
        }
        #expect(await lines.wait(for: 2) == ["connected, 1", "closed, 0"])
        let nobody = try self.settings("http://127.0.0.1:1", connections)
        await loop.call { loop in
            _ = nobody.endpoint.connect(on: loop) { result in
                guard case .failure(let error) = result else { return lines.append("connected") }
                lines.append("\(error.code), \(connections.value)")
            }
        }
        #expect(await lines.wait(for: 3).last == "connectionRefused, 0")
    }

    @Test func `what the settings say is where it goes`() throws {
        let endpoint = try settings("http://[::1]:3000/?x=1").endpoint
        #expect(endpoint.origin.host == "::1" && endpoint.origin.port == 3000 && endpoint.tls == nil)
        #expect(try settings("ws://host").endpoint.origin.port == 80)
    }
}
