import SocketIOEvents
import Testing

@testable import SocketIOClient

@Suite struct SocketRegistryTests {
    @Test func `the socket of a namespace is the same for as long as anybody holds it, and leaves no place behind`() {
        let manager = ClientManager(url: "http://127.0.0.1:1")
        let kept = manager.socket("/kept")
        for number in 0..<1000 { #expect(manager.socket("/\(number)").namespace == "/\(number)") }
        #expect(manager.socket("/kept") === kept)
        #expect(manager.socket("kept") === kept)
        #expect(manager.registry.count == 1)
    }

    @Test func `names are told apart by their bytes`() {
        let manager = ClientManager(url: "http://127.0.0.1:1")
        let (one, other) = (manager.socket("/\u{E9}"), manager.socket("/e\u{301}"))
        #expect(one !== other)
    }

    @Test func `threads that ask at once get the same socket, and end it wherever they like`() async {
        let manager = ClientManager(url: "http://127.0.0.1:1")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for number in 0..<2000 {
                        let name = "/\(number % 3)"
                        let one = manager.socket(name)
                        #expect(manager.socket(name) === one)
                    }
                }
            }
        }
        #expect(manager.registry.count == 0)
    }
}
