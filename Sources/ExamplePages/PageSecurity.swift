/// What an example's page may do, said to the browser.
package enum PageSecurity {
    /// - Parameters:
    ///   - client: Where the page's Socket.IO client comes from.
    ///   - others: Whose scripts it runs, too.
    ///   - connections: With whom the page talks, other than its own server.
    ///   - frames: Whose pages it shows.
    ///   - ancestors: Whose pages may show it.
    package static func fields(
        scripts client: ClientScript, and others: [String] = [], connections: [String] = [], frames: [String] = [],
        ancestors: [String] = []
    ) -> [(name: String, value: String)] {
        func sources(_ sources: [String]) -> String { sources.isEmpty ? "'none'" : sources.joined(separator: " ") }
        let scripts = (client.origin.map { [$0] } ?? []) + others
        let policy = """
            default-src 'none'; script-src \(sources(["'self'"] + scripts)); style-src 'self'; \
            connect-src \(sources(["'self'"] + connections)); frame-src \(sources(frames)); img-src data:; \
            base-uri 'none'; form-action 'none'; frame-ancestors \(sources(ancestors))
            """
        return [
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            // A new version of the server has new pages.
            ("Cache-Control", "no-cache"),
        ]
    }
}
