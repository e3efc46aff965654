import SocketIO

/// The files of `Page/`, which the build puts into the executable.
enum Pages {
    static func install(on http: HTTPRoutes) {
        http.get("/") { _ in HTTPResponse.html(PackageResources.index_html) }
        http.get("/admin") { _ in HTTPResponse.html(PackageResources.admin_html) }
        http.get("/style.css") { _ in file(PackageResources.style_css, "text/css; charset=utf-8") }
        http.get("/client.js") { _ in file(PackageResources.client_js, "text/javascript; charset=utf-8") }
        http.get("/chat.js") { _ in file(PackageResources.chat_js, "text/javascript; charset=utf-8") }
        http.get("/admin.js") { _ in file(PackageResources.admin_js, "text/javascript; charset=utf-8") }
    }

    private static func file(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
        HTTPResponse(status: 200, contentType: type, body: bytes)
    }
}
