/// What one proxy says of a request in `Forwarded` (RFC 7239 4).
struct ForwardedElement: Equatable {
    /// Whom it came from; nil if the proxy does not say, or hides it.
    private(set) var address: IPAddress?
    private(set) var proto: String?
    private(set) var host: String?

    /// Reads `for=192.0.2.1;proto=https;host="a.example"`. Of what is no such pair, and of a name's second one, nothing is
    /// taken.
    init(_ bytes: Span<UInt8>) {
        var start = 0
        var names: Set<[UInt8]> = []
        while start < bytes.count {
            let end = Self.endOfPair(bytes, from: start)
            let pair = bytes.extracting(bytes.trimmed(start..<end))
            start = end + 1
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                let value = Self.value(pair.extracting(equals + 1..<pair.count))
            else { continue }
            let name = Array(pair.extracting(0..<equals)).map(\.lowercased)
            guard names.insert(name).inserted else { continue }
            if name.elementsEqual("for".utf8) {
                address = IPAddress(node: value.span)
            } else if name.elementsEqual("proto".utf8) {
                proto = String(repairing: value.span)
            } else if name.elementsEqual("host".utf8) {
                host = String(repairing: value.span)
            }
        }
    }

    /// Where the next `;` outside of quotes is, or the end.
    private static func endOfPair(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var isQuoted = false
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\"): if isQuoted { index += 1 }
            case UInt8(ascii: ";"): if !isQuoted { return index }
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    /// The text of a token or a quoted string (RFC 9110 5.6.4); nil if its quotes are not whole.
    private static func value(_ bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "\"") else { return Array(bytes) }
        var text: [UInt8] = []
        var index = 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count else { return nil }
            text.append(bytes[index])
            index += 1
        }
        return index == bytes.count - 1 ? text : nil
    }
}

extension IPAddress {
    /// Reads a node of a proxy's list: an address with a port or none, one of IPv6 in brackets or not (RFC 7239 6). Nil for
    /// `unknown`, a name that hides one, and anything else.
    init?(node: Span<UInt8>) {
        if node.count > 0, node[0] == UInt8(ascii: "[") {
            guard let end = node.firstIndex(of: UInt8(ascii: "]")), Self.isPort(node.extracting(end + 1..<node.count)),
                node.extracting(1..<end).firstIndex(of: UInt8(ascii: ":")) != nil
            else { return nil }
            self.init(node.extracting(1..<end))
            return
        }
        if let address = IPAddress(node) {
            self = address
            return
        }
        guard let colon = node.firstIndex(of: UInt8(ascii: ":")), Self.isPort(node.extracting(colon..<node.count))
        else { return nil }
        self.init(node.extracting(0..<colon))
    }

    /// Whether it is nothing, or a colon and a port, or a name that hides one.
    private static func isPort(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0 else { return true }
        guard bytes[0] == UInt8(ascii: ":"), bytes.count > 1 else { return false }
        if bytes[1] == UInt8(ascii: "_") { return bytes.extracting(1..<bytes.count).isToken }
        guard bytes.count <= 6 else { return false }
        for index in 1..<bytes.count where !bytes[index].isDigit { return false }
        return true
    }
}
