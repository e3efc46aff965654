internal import NetLoop

/// Files of one folder. Nothing outside it can be reached: not by `..`, not by a link.
package struct StaticFolder: Sendable {
    /// As it was given.
    let path: String
    /// Without a slash at its end; nil if the folder was not there when it was named.
    private let root: String?

    /// - Parameter folder: Looked up once, so that a later change of the working folder does not matter; one that is not there
    ///   is looked for again with each request.
    package init(_ folder: String) {
        path = folder
        root = Self.root(folder)
    }

    private static func root(_ folder: String) -> String? {
        FilePath.resolve(folder).map { $0.utf8.elementsEqual("/".utf8) ? "" : $0 }
    }

    /// Whether it was there when it was named.
    var isThere: Bool { root != nil }

    /// What a path names.
    enum Entry {
        case file(HTTPFile)
        /// A folder, named without the slash that its files come after.
        case folder
    }

    /// What `path`, which is relative and percent-decoded, names; nil if there is nothing.
    func entry(at path: String) -> Entry? {
        guard let root = root ?? Self.root(self.path) else { return nil }
        var file = root
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            // Hidden files are left out with `..`: nobody means to publish them, but for what RFC 8615 has a place for.
            let isHidden = part.first == UInt8(ascii: ".") && !part.elementsEqual(".well-known".utf8)
            guard !isHidden, !part.contains(0), !part.contains(UInt8(ascii: "\\")) else {
                return nil
            }
            file += "/\(Substring(part))"
        }
        if path.isEmpty || path.utf8.last == UInt8(ascii: "/") { file += "/index.html" }
        guard let resolved = FilePath.resolve(file), resolved.utf8.starts(with: "\(root)/".utf8),
            let status = FileStatus(resolved)
        else { return nil }
        return switch status.kind {
        case .file: .file(HTTPFile(resolved, status))
        case .folder: .folder
        case .other: nil
        }
    }

    /// The answer to a request for the file named by `path`, which is relative and percent-decoded; nil if there is none.
    package func response(
        to path: String, for request: FileRequest, cacheControl: String
    ) -> HTTPResponse? {
        switch entry(at: path) {
        case .file(let file): file.response(to: request, cacheControl: cacheControl)
        case .folder, nil: nil
        }
    }
}

/// Entity tags (RFC 9110 8.8.3).
enum EntityTag {
    /// Whether `If-None-Match` names `tag`, by the weak comparison that the rule asks for.
    static func list(_ header: String, contains tag: String) -> Bool {
        header.split(separator: ",").contains { item in
            let item = item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let text = String(item).utf8
            return text.elementsEqual("*".utf8) || text.elementsEqual(tag.utf8) || text.elementsEqual("W/\(tag)".utf8)
        }
    }
}
