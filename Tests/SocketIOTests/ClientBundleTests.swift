import Foundation
import SocketIO
import Testing

/// Protocol.md 7.
@Suite struct ClientBundleTests {
    private static let transportUnknown = #"{"code":0,"message":"Transport unknown"}"#

    @Test func `the scripts come from a folder`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["socket.io.js", "socket.io.min.js.map", "other.js"] {
            try Data(name.utf8).write(to: folder.appending(path: name))
        }
        try await serve {
            $0.clientBundle = .folder(folder.path())
        } _: { _, port in
            let client = try RawClient(port: port)
            let script = try client.get("/socket.io/socket.io.js?v=1")
            #expect(script.status == 200)
            #expect(script.text == "socket.io.js")
            #expect(script["content-type"] == "application/javascript; charset=utf-8")
            #expect(script["cache-control"] == "public, max-age=0")
            let tag = try #require(script["etag"])
            #expect(try client.get("/socket.io/socket.io.js", [("If-None-Match", tag)]).status == 304)
            #expect(try client.get("/socket.io/socket.io.js", [("If-None-Match", "W/" + tag)]).status == 304)
            let map = try client.get("/socket.io/socket.io.min.js.map")
            #expect(map["content-type"] == "application/json; charset=utf-8")
            try client.sendRequest("HEAD", "/socket.io/socket.io.js")
            #expect(try client.response(toHead: true)["content-length"] == "12")
            #expect(try client.get("/socket.io/socket.io.esm.min.js").status == 404)
            // Other names are requests to the engine.
            for name in ["other.js", "..%2fsocket.io.js", "socket.io.js/", "SOCKET.IO.JS", "x/socket.io.js"] {
                #expect(try client.get("/socket.io/\(name)").text == Self.transportUnknown, "\(name)")
            }
            #expect(try client.post("/socket.io/socket.io.js", "x").status == 400)
        }
    }

    @Test func `by default the scripts come from the official CDN`() async throws {
        try await serve { _, port in
            let client = try RawClient(port: port)
            for kind in ["", ".min", ".esm.min", ".msgpack.min"] {
                for end in [".js", ".js.map"] {
                    let name = "socket.io\(kind)\(end)"
                    let response = try client.get("/socket.io/\(name)?v=1")
                    #expect(response.status == 302, "\(name)")
                    #expect(response["location"] == "https://cdn.socket.io/\(ClientBundle.cdnVersion)/\(name)")
                }
            }
        }
    }

    @Test func `there can be no scripts`() async throws {
        try await serve {
            $0.clientBundle = .none
        } _: { _, port in
            let response = try RawClient(port: port).get("/socket.io/socket.io.js")
            // As with the official `serveClient: false`.
            #expect(response.status == 400)
            #expect(response.text == Self.transportUnknown)
        }
    }
}
