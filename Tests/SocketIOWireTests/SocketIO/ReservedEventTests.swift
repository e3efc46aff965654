import SocketIOWire
import Testing

@Suite struct ReservedEventTests {
    private func isReserved(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return ReservedEvent.contains(bytes.span)
    }

    @Test(arguments: ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
    func `keeps the six names of Protocol.md 4.2`(name: String) {
        #expect(isReserved(name))
        let bytes = Array(name.utf8)
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x20
            #expect(!isReserved(String(decoding: other, as: UTF8.self)))
            let prefix = String(name.prefix(index))
            #expect(isReserved(prefix) == (prefix == "connect" || prefix == "disconnect"))
        }
        #expect(!isReserved(name + " "))
        #expect(!isReserved(name + "\0"))
        #expect(!isReserved(" " + name))
    }

    @Test(arguments: [
        "", "error", "connection", "message", "ping", "reconnect", "connect_errors", "connecting", "Connect",
        "newlistener", "__proto__", "constructor", "1",
    ])
    func `leaves every other name to the application`(name: String) {
        #expect(!isReserved(name))
    }
}
