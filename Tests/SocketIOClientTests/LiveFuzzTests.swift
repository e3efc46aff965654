import Foundation
import SocketIOClient
import Synchronization
import Testing

/// Whatever a server sends, the whole client refuses it or takes it: connection, transport, session, sockets, handlers.
///
/// A million packets: `CLIENT_FUZZ_PACKETS=1000000 CLIENT_FUZZ_CLIENTS=8`, and others with `CLIENT_FUZZ_SEED=2`. With one
/// client, the default, the packets of a seed are said in the same order each time.
@Suite struct LiveFuzzTests {
    /// What is mutated, and on what it travels.
    enum Layer: CaseIterable {
        /// Packets in frames, and in payloads.
        case webSocketPackets, pollingPackets
        /// The bytes of frames, and of responses: one connection for each.
        case frames, responses
        /// Packets in MessagePack.
        case messagePack

        func script(_ server: FuzzServer) -> ScriptedServer.Script {
            switch self {
            case .webSocketPackets, .messagePack: { try server.webSocket($0) }
            case .pollingPackets: { try server.polling($0) }
            case .frames: { try server.frames($0) }
            case .responses: { try server.responses($0) }
            }
        }

        var transport: ClientManager.Transport {
            switch self {
            case .webSocketPackets, .frames, .messagePack: .webSocket
            case .pollingPackets, .responses: .polling
            }
        }

        /// Of all packets.
        var share: Double {
            switch self {
            case .webSocketPackets, .pollingPackets, .messagePack: 0.4
            case .frames, .responses: 0.1
            }
        }

        /// Why a client may be disconnected then: as the packet says, or as its layer is broken.
        var reasons: Set<ClientSocket.DisconnectReason> {
            let packets: Set<ClientSocket.DisconnectReason> = [.parseError, .transportClose, .serverDisconnect]
            switch self {
            // A text that is not UTF-8 breaks WebSocket (RFC 6455 8.1).
            case .webSocketPackets, .frames: return packets.union([.transportError])
            case .pollingPackets, .messagePack: return packets
            // The connection ends with the response, so that the next request fails.
            case .responses: return packets.union([.transportError])
            }
        }
    }

    /// What the client made of it all.
    private final class Outcome: Sendable {
        let reasons = Mutex<[ClientSocket.DisconnectReason: Int]>([:])
        let failures = Atomic<Int>(0)
        let handled = Atomic<Int>(0)
        let asked = Atomic<Int>(0)
        let settled = Atomic<Int>(0)

        func observe(_ socket: ClientSocket) {
            socket.on("news") { [self] (_: Int, _: String, _: JSONValue) in
                handled.wrappingAdd(1, ordering: .relaxed)
                return [1, 2]
            }
            socket.on("file") { [self] (bytes: [UInt8]) in handled.wrappingAdd(bytes.count, ordering: .relaxed) }
            socket.onAny { [self] _, arguments in handled.wrappingAdd(arguments.count, ordering: .relaxed) }
            socket.onConnect { [self] () async in
                asked.wrappingAdd(1, ordering: .relaxed)
                let _: JSONValue? = try? await socket.emitWithAck("ask", timeout: .seconds(60))
                settled.wrappingAdd(1, ordering: .relaxed)
            }
            socket.onDisconnect { [self] reason in
                reasons.withLock { $0[reason, default: 0] += 1 }
                if !socket.isActive { socket.open() }
            }
            socket.onConnectError { [self] _ in
                failures.wrappingAdd(1, ordering: .relaxed)
                if !socket.isActive { socket.open() }
            }
        }
    }

    @Test(arguments: Layer.allCases) func `mutated packets do no harm, and what is none closes the connection`(
        layer: Layer
    ) async throws {
        func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
        let count = Int(Double(setting("CLIENT_FUZZ_PACKETS") ?? 4000) * layer.share)
        // The loops that all clients share start with the first one, and stay.
        try await withManager("http://127.0.0.1:1") { $0.socket().open() }
        let before = Descriptors.count
        let fuzz = FuzzServer(
            count: count, seed: UInt64(setting("CLIENT_FUZZ_SEED") ?? 1), isPacked: layer == .messagePack)
        let server = try ScriptedServer(layer.script(fuzz))
        let outcome = Outcome()
        weak var gone: ClientSocket?
        let managers = (0..<(setting("CLIENT_FUZZ_CLIENTS") ?? 1)).map { _ in
            ClientManager(url: server.url) { configuration in
                configuration.transports = [layer.transport]
                if layer == .messagePack { configuration.parser = .msgpack }
                configuration.reconnection.delay = .zero
                configuration.reconnection.maximumDelay = .zero
                configuration.limits.closeTime = .milliseconds(50)
                configuration.limits.attachmentTime = .milliseconds(200)
            }
        }
        do {
            let sockets = managers.flatMap { [$0.socket(), $0.socket("/chat")] }
            gone = sockets[0]
            for socket in sockets {
                outcome.observe(socket)
                socket.open()
            }
            #expect(await fuzz.finished.wait(for: 1, patience: .seconds(30 + count / 200)).first == "finished")
        }
        for manager in managers { await manager.close() }
        server.stop()
        let reasons = outcome.reasons.withLock { $0 }
        print(
            "\(layer): \(count) packets, \(fuzz.refusals.load(ordering: .relaxed)) connections ended, \(reasons.map { "\($0.value) \($0.key)" }.sorted())"
        )
        #expect(layer.reasons.union([.forcedClose]).isSuperset(of: reasons.keys))
        switch layer {
        case .webSocketPackets, .pollingPackets, .messagePack:
            // Of both kinds there are many; otherwise it would test one branch only.
            #expect(reasons[.parseError, default: 0] > count / 100)
            #expect(outcome.handled.load(ordering: .relaxed) > count / 100)
        case .frames, .responses:
            // Each connection ended, for one socket at least.
            let ends = reasons.values.reduce(0, +) + outcome.failures.load(ordering: .relaxed)
            #expect(ends >= count)
        }
        #expect(await eventually { outcome.asked.load(ordering: .relaxed) == outcome.settled.load(ordering: .relaxed) })
        #expect(await eventually { gone == nil })
        #expect(await eventually { Descriptors.count <= before }, "\(before), then \(Descriptors.count)")
    }
}
