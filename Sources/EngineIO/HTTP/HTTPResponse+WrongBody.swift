internal import SocketIOWire

extension HTTPResponse {
    /// The answer to a request whose body is not what its route decodes, with what is wrong, and where.
    static func wrongBody(_ error: DecodingError) -> HTTPResponse {
        let (words, path): (String, [any CodingKey]) =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context.debugDescription, context.codingPath)
            case .keyNotFound(let key, let context): ("\"\(key.stringValue)\" is missing", context.codingPath)
            @unknown default: ("it cannot be decoded", [])
            }
        var place = ""
        for key in path.prefix(maxPathParts) { place += key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
        let text = "The body is not what is expected here: \(words)\(place.isEmpty ? "" : ", at \(place)")"
        // The words may be the client's own.
        return .text(
            String(text.unicodeScalars.prefix(maxCharacters).map { $0.value < 0x20 ? " " : Character($0) }), status: 400
        )
    }

    private static var maxPathParts: Int { 16 }
    private static var maxCharacters: Int { 500 }
}
