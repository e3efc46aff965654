import Testing

@testable import SocketIOClient

@Suite struct EngineTargetTests {
    private func target(
        _ path: String = "/socket.io", _ query: [(name: String, value: String)] = [], raw: String = "",
        stamp: UInt64 = 35
    ) -> EngineTarget {
        EngineTarget(path: path, query: query, rawQuery: raw, stamp: stamp)
    }

    @Test(arguments: [
        ("/socket.io", "/socket.io/"), ("socket.io", "/socket.io/"), ("/a/b//", "/a/b/"), ("/", "/"), ("", "/"),
    ]) func `a path begins and ends with one slash`(path: String, expected: String) {
        var target = target(path)
        #expect(target.next(.webSocket, sessionID: nil) == "\(expected)?EIO=4&transport=websocket")
        #expect(target.isValid)
    }

    @Test func `each request of polling has another stamp, and the session's id where there is one`() {
        var target = target()
        #expect(target.next(.polling, sessionID: nil) == "/socket.io/?EIO=4&transport=polling&t=10")
        #expect(target.next(.polling, sessionID: "a b&c") == "/socket.io/?EIO=4&transport=polling&t=11&sid=a%20b%26c")
        #expect(target.next(.webSocket, sessionID: "x") == "/socket.io/?EIO=4&transport=websocket&sid=x")
        var last = self.target(stamp: .max)
        #expect(last.next(.polling, sessionID: nil).hasSuffix("&t=0"))
    }

    @Test
    func `what the application adds is encoded, what the URL had is not, and what the protocol needs is neither's`() {
        var target = target(
            "/socket.io", [("a b", "ä&="), ("sid", "x"), ("EIO", "3"), ("eio", "1")],
            raw: "room=%20&transport=x&t&b64=1&tt=2")
        #expect(
            target.next(.webSocket, sessionID: nil)
                == "/socket.io/?EIO=4&room=%20&tt=2&a%20b=%C3%A4%26%3D&eio=1&transport=websocket")
        #expect(target.isValid)
    }

    @Test(arguments: ["/a b", "/ä", "/a#b", "/a\r\nX: y", "/\u{7F}"]) func `a path that cannot be sent is none`(
        path: String
    ) {
        #expect(!target(path).isValid)
    }
}
