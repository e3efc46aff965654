import Foundation
import SocketIO

// The code of PlainHTTP.md and BehindAProxy.md, to be compiled.

private struct User: Codable {
    var name: String
}

private struct Message: Codable {
    var text: String
}

private actor Users {
    private var all: [String: User] = [:]

    func user(_ name: String) -> User? { all[name] }
    func save(_ user: User) throws { all[user.name] = user }
    func remove(_ name: String) { all[name] = nil }
}

private func plainHTTP(_ io: SocketIOServer, _ users: Users) {
    io.http.get("/health") { _ in .text("ok") }
    io.http.folder("/", at: "public")

    io.http.get("/users/:id") { request in
        guard let user = await users.user(request.parameters["id"] ?? "") else { return .status(404) }
        return try .json(user)
    }
    io.http.put("/users/:id") { request in
        let user = try request.json(as: User.self)
        try await users.save(user)
        return .status(204)
    }
    io.http.delete("/users/:id") { request in
        await users.remove(request.parameters["id"] ?? "")
        return .status(204)
    }
    io.http.on("PROPFIND", "/calendar/*path") { request in .text(request.parameters["path"] ?? "") }

    io.http.folder("/", at: "dist")
    io.http.get("/*page") { _ in .file("dist/index.html") }

    io.http.post("/rooms/:room/messages") { request in
        let message = try request.json(as: Message.self)
        io.to(Room(request.parameters["room"] ?? "")).emit("message", message)
        return .status(202)
    }

    io.http.get("/scores", cors: .origins("https://games.example")) { _ in try .json([1, 2, 3]) }
    io.http.get("/more-scores", cors: io.configuration.cors) { _ in try .json([1, 2, 3]) }
    io.http.onResponse { access in print(access) }
}

private func behindAProxy(_ io: SocketIOServer) throws {
    io.configuration.trustedProxies = ["127.0.0.1", "::1"]
    io.configuration.trustedProxies = try TrustedProxies(["10.0.0.0/8"], fields: .forwarded)
    let proxies = ProcessInfo.processInfo.environment["TRUSTED_PROXIES"] ?? ""
    io.configuration.trustedProxies = try TrustedProxies(proxies.split(separator: ",").map(String.init))
}
