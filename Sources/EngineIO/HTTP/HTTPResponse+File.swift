internal import NetLoop

extension HTTPResponse {
    /// The same with the file that it names, as it is wanted; 404 if there is none.
    func found(as request: @autoclosure () -> FileRequest) -> HTTPResponse {
        guard case .fileAt(let path) = content else { return self }
        guard let file = HTTPFile(path) else { return .status(404) }
        // Versions and ranges are of what has no status of its own (RFC 9110 13.2.1 and 14.2).
        var found = file.response(to: status == 200 ? request() : .whole, cacheControl: "no-cache")
        if status != 200 { found.status = status }
        found.fields.removeAll { has($0.name) }
        found.fields += fields
        return found
    }
}
