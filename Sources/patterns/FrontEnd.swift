import ExamplePages
import SocketIO

/// A server that has only a page, as a front end of its own often does: to the other it is another origin.
enum FrontEnd {
    static func server(_ options: Options) -> EngineIOServer {
        let server = EngineIOServer()
        let page = String(decoding: PackageResources.front_end_html, as: UTF8.self)
            .replacing("socket.io.min.js", with: options.client.name)
            .replacing("SERVER-PORT", with: "\(options.port)")
        // Socket.IO, and the script for it, are on the other server.
        let other = "//*:\(options.port)"
        server.http.serve(
            [
                ("/", "text/html", Array(page.utf8)),
                ("/style.css", "text/css", PackageResources.style_css),
                ("/front-end.js", "text/javascript", PackageResources.front_end_js),
            ],
            with: PageSecurity.fields(
                scripts: options.client, and: ["http:\(other)"], connections: ["http:\(other)", "ws:\(other)"],
                ancestors: ["http:\(other)"]))
        return server
    }
}
