internal import NetLoop

/// Files of one folder. Nothing outside it can be reached: not by `..`, not by a link.
package struct StaticFolder: Sendable {
    private let root: String

    /// Larger files are not served (Protocol.md 6).
    private static let maxFileBytes = 64 * 1024 * 1024

    /// - Parameter folder: Looked up once, so that a later change of the working folder does not matter.
    package init(_ folder: String) {
        root = FilePath.resolve(folder) ?? folder
    }

    /// The file named by `path`, which is relative and percent-decoded; nil if there is none.
    package func response(
        to path: some StringProtocol, ifNoneMatch: String?, cacheControl: String
    ) -> HTTPResponse? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        // Hidden files are left out with `..`: nobody means to publish them.
        guard parts.allSatisfy({ !$0.hasPrefix(".") && !$0.utf8.contains(0) && !$0.contains("\\") }) else { return nil }
        var file = root
        for part in parts { file += "/\(part)" }
        if path.isEmpty || path.hasSuffix("/") { file += "/index.html" }
        guard let resolved = FilePath.resolve(file), resolved.hasPrefix(root + "/"),
            let content = OpenFile(resolved), content.byteCount <= Self.maxFileBytes
        else { return nil }
        let tag = "\"\(content.version)\""
        var fields = [("ETag", tag), ("Cache-Control", cacheControl)]
        if let ifNoneMatch, EntityTag.list(ifNoneMatch, contains: tag) {
            return HTTPResponse(status: 304, fields: fields)
        }
        fields.append(("Content-Type", ContentType.ofFile(named: resolved)))
        fields.append(("X-Content-Type-Options", "nosniff"))
        return HTTPResponse(fields: fields, content: .file(content, 0..<content.byteCount))
    }
}

/// Entity tags (RFC 9110 8.8.3).
enum EntityTag {
    /// Whether `If-None-Match` names `tag`, by the weak comparison that the rule asks for.
    static func list(_ header: String, contains tag: String) -> Bool {
        header.split(separator: ",").contains { item in
            let item = item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let text = String(item)
            return text == "*" || text == tag || text == "W/" + tag
        }
    }
}
