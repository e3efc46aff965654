/// Content types by file extension.
enum ContentType {
    static func ofFile(named name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return switch name[name.index(after: dot)...].lowercased() {
        case "html", "htm": "text/html; charset=utf-8"
        case "js", "mjs": "application/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json", "map": "application/json; charset=utf-8"
        case "txt", "md": "text/plain; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "gif": "image/gif"
        case "webp": "image/webp"
        case "avif": "image/avif"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "woff": "font/woff"
        case "ttf": "font/ttf"
        case "otf": "font/otf"
        case "mp3": "audio/mpeg"
        case "wav": "audio/wav"
        case "ogg": "audio/ogg"
        case "mp4": "video/mp4"
        case "webm": "video/webm"
        case "csv": "text/csv; charset=utf-8"
        case "webmanifest": "application/manifest+json"
        case "zip": "application/zip"
        case "gz": "application/gzip"
        case "wasm": "application/wasm"
        case "pdf": "application/pdf"
        case "xml": "application/xml"
        default: "application/octet-stream"
        }
    }
}
