import NetLoop
import Testing

@testable import SocketIOClient

@Suite struct ClientLoopsTests {
    @Test func `all managers of a process share a few loops, one after the other`() throws {
        let loops = try (0..<64).map { _ in ObjectIdentifier(try ClientLoops.next()) }
        let count = Set(loops).count
        #expect((1...4).contains(count))
        #expect(Set(loops.prefix(count)).count == count)
        #expect(zip(loops, loops.dropFirst(count)).allSatisfy { $0 == $1 })
    }

    @Test func `a manager and its sockets live on one of them`() async throws {
        let manager = ClientManager(url: "http://127.0.0.1:1")
        let socket = manager.socket()
        let core = try manager.core.get()
        #expect(socket.currentCore == nil)
        #expect(await core.loop.call { loop in socket.currentCore?.loop === loop })
        await manager.close()
    }
}
