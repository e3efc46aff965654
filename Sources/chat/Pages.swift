import ExamplePages
import SocketIO

/// The files of `Page/`, which the build puts into the executable.
struct Pages: Sendable {
    let client: ClientScript

    func install(on http: HTTPRoutes) {
        for (path, response) in [
            ("/", page(PackageResources.index_html)),
            ("/admin", page(PackageResources.admin_html)),
            ("/style.css", file(PackageResources.style_css, "text/css; charset=utf-8")),
            ("/client.js", script(PackageResources.client_js)),
            ("/log.js", script(PackageResources.log_js)),
            ("/draw.js", script(PackageResources.draw_js)),
            ("/chat.js", script(PackageResources.chat_js)),
            ("/admin.js", script(PackageResources.admin_js)),
        ] {
            http.get(path) { _ in response }
        }
    }

    private func page(_ bytes: [UInt8]) -> HTTPResponse {
        let text = String(decoding: bytes, as: UTF8.self).replacing("socket.io.min.js", with: client.name)
        return file(Array(text.utf8), "text/html; charset=utf-8")
    }

    private func script(_ bytes: [UInt8]) -> HTTPResponse {
        file(bytes, "text/javascript; charset=utf-8")
    }

    private func file(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
        HTTPResponse(fields: [("Content-Type", type)] + securityFields, body: bytes)
    }

    /// As header fields, since some of it has no effect in a `meta` element.
    var securityFields: [(name: String, value: String)] { PageSecurity.fields(scripts: client) }
}
