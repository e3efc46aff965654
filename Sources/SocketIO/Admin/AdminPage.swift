internal import EngineIO

/// The page for administrators: the files of `Page/`, which the build puts into the program.
struct AdminPage: Sendable {
    /// Where it is, without a slash at its end.
    let path: String
    let namespace: String
    let context: ServerContext

    /// - Parameter path: A leading slash is added, one at its end is left out.
    init(at path: String, namespace: String, context: ServerContext) {
        let parts = path.split(separator: "/")
        self.path = parts.map { "/" + $0 }.joined()
        self.namespace = namespace
        self.context = context
    }

    func install(on http: HTTPRoutes) {
        http.get(path.isEmpty ? "/" : path) { _ in page }
        for (name, type, bytes) in [
            ("style.css", "text/css", PackageResources.style_css),
            ("model.js", "text/javascript", PackageResources.model_js),
            ("admin.js", "text/javascript", PackageResources.admin_js),
        ] {
            http.get("\(path)/\(name)") { _ in answer(bytes, type) }
        }
    }

    private var page: HTTPResponse {
        let values = [
            "{page}": path, "{namespace}": namespace, "{path}": context.configuration.engine.barePath,
        ]
        let text = values.reduce(String(decoding: PackageResources.admin_html, as: UTF8.self)) { text, value in
            text.split(separator: value.key, omittingEmptySubsequences: false).joined(
                separator: Self.escaped(value.value))
        }
        return answer(Array(text.utf8), "text/html")
    }

    /// As it may stand in an attribute between quotes.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "\"": text += "&quot;"
            case "<": text += "&lt;"
            default: text.append(character)
            }
        }
    }

    private func answer(_ bytes: [UInt8], _ type: String) -> HTTPResponse {
        HTTPResponse(fields: [("Content-Type", "\(type); charset=utf-8")] + securityFields, body: bytes)
    }

    /// As header fields, since some of it has no effect in a `meta` element.
    private var securityFields: [(name: String, value: String)] {
        let bundle = context.configuration.clientBundle.origin.map { " \($0)" } ?? ""
        let policy = """
            default-src 'none'; script-src 'self'\(bundle); style-src 'self'; connect-src 'self'; img-src data:; \
            base-uri 'none'; form-action 'none'; frame-ancestors 'none'
            """
        return [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            // A new version of the server has a new page.
            ("Cache-Control", "no-cache"),
        ]
    }
}
