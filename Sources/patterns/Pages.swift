import ExamplePages
import SocketIO

/// The files of `Page/`, which the build puts into the executable.
struct Pages: Sendable {
    private let options: Options

    static var index: [UInt8] { PackageResources.index_html }

    init(_ options: Options) {
        self.options = options
    }

    func install(on http: HTTPRoutes) {
        let page = String(decoding: Self.index, as: UTF8.self)
            .replacing("socket.io.min.js", with: options.client.name)
            .replacing("FRONT-END-PORT", with: "\(options.frontEndPort)")
        http.serve(
            [
                ("/", "text/html", Array(page.utf8)),
                ("/style.css", "text/css", PackageResources.style_css),
                ("/wire.js", "text/javascript", PackageResources.wire_js),
                ("/plain.js", "text/javascript", PackageResources.plain_js),
                ("/chat.js", "text/javascript", PackageResources.chat_js),
                ("/socket.js", "text/javascript", PackageResources.socket_js),
                ("/page.js", "text/javascript", PackageResources.page_js),
            ], with: PageSecurity.fields(scripts: options.client, frames: ["http://*:\(options.frontEndPort)"]))
    }
}
