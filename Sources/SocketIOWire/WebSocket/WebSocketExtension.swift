/// One of the extensions that a peer names (RFC 6455 9.1).
struct WebSocketExtension {
    let name: String
    /// In order; a name may come twice.
    let parameters: [(name: String, value: String?)]

    /// - Returns: Nil for what is not of the grammar.
    init?(_ bytes: Span<UInt8>) {
        var parts = Self.parts(of: bytes)
        guard let name = Self.token(bytes, parts.removeFirst()) else { return nil }
        var parameters: [(name: String, value: String?)] = []
        for part in parts {
            guard let parameter = Self.parameter(bytes, part) else { return nil }
            parameters.append(parameter)
        }
        self.name = name
        self.parameters = parameters
    }

    /// What stands between semicolons. A quoted value is a token, too: it has none.
    private static func parts(of bytes: Span<UInt8>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: start) {
            parts.append(start..<end)
            start = end + 1
        }
        return parts + [start..<bytes.count]
    }

    private static func parameter(_ bytes: Span<UInt8>, _ part: Range<Int>) -> (name: String, value: String?)? {
        guard let equals = bytes.extracting(part).firstIndex(of: UInt8(ascii: "=")) else {
            return token(bytes, part).map { ($0, nil) }
        }
        let place = part.lowerBound + equals
        guard let name = token(bytes, part.lowerBound..<place) else { return nil }
        var value = bytes.trimmed(place + 1..<part.upperBound)
        let quote = UInt8(ascii: "\"")
        if value.count >= 2, bytes[value.lowerBound] == quote, bytes[value.upperBound - 1] == quote {
            value = value.lowerBound + 1..<value.upperBound - 1
            guard bytes.extracting(value).isToken else { return nil }
        }
        return token(bytes, value).map { (name, $0) }
    }

    private static func token(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        let token = bytes.extracting(bytes.trimmed(range))
        return !token.isEmpty && token.isToken ? String(repairing: token) : nil
    }
}

extension HTTPFields {
    /// The extensions that are named, in order; nil if one of them is not of the grammar (RFC 6455 9.1).
    var webSocketExtensions: [WebSocketExtension]? {
        var extensions: [WebSocketExtension] = []
        var isMalformed = false
        forEachItem(of: "sec-websocket-extensions") { item in
            guard !item.isEmpty else { return true }
            guard let named = WebSocketExtension(storage.span.extracting(item)) else {
                isMalformed = true
                return false
            }
            extensions.append(named)
            return true
        }
        return isMalformed ? nil : extensions
    }
}
