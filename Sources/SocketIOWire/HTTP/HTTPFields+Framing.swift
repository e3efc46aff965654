// The fields that two parsers must not understand differently (RFC 9112 3.2, 6.1, 6.2 and 11.2).

extension HTTPFields {
    func checkHost(_ version: HTTPVersion) throws(HTTPFailure) {
        switch (count(of: "host"), version) {
        case (1, _): break
        case (0, .http10): return
        case (0, .http11): throw HTTPFailure(400, "no Host")
        default: throw HTTPFailure(400, "Host more than once")
        }
        guard let value = firstValue(of: "host") else { return }
        for index in value {
            guard storage[index].isAuthorityByte else { throw HTTPFailure(400, "a Host that is not a host") }
        }
    }

    /// RFC 6454 7.3: one at most. Of two, a proxy may have checked the other.
    func checkOrigin() throws(HTTPFailure) {
        guard count(of: "origin") <= 1 else { throw HTTPFailure(400, "Origin more than once") }
    }

    /// The length that the fields give; nil if they give none.
    func bodyLength(_ version: HTTPVersion) throws(HTTPFailure) -> HTTPBodyLength? {
        let lengths = count(of: "content-length")
        let codings = count(of: "transfer-encoding")
        if codings > 0 {
            guard lengths == 0 else { throw HTTPFailure(400, "Content-Length and Transfer-Encoding") }
            guard codings == 1 else { throw HTTPFailure(400, "Transfer-Encoding more than once") }
            switch version {
            case .http10: throw HTTPFailure(400, "Transfer-Encoding in HTTP/1.0")
            case .http11: break
            }
            guard let value = firstValue(of: "transfer-encoding"),
                storage.span.extracting(value).equalsIgnoringCase("chunked".utf8.span)
            else { throw HTTPFailure(501, "a Transfer-Encoding other than chunked") }
            return .chunked
        }
        guard let value = firstValue(of: "content-length") else { return nil }
        guard lengths == 1 else { throw HTTPFailure(400, "Content-Length more than once") }
        return .fixed(try Self.length(storage.span.extracting(value)))
    }

    /// Reads digits, and nothing but digits.
    private static func length(_ digits: Span<UInt8>) throws(HTTPFailure) -> Int {
        // A number of 18 digits cannot overflow.
        guard (1...18).contains(digits.count) else { throw HTTPFailure(400, "not a Content-Length") }
        var length = 0
        for index in digits.indices {
            guard digits[index].isDigit else { throw HTTPFailure(400, "not a Content-Length") }
            length = length &* 10 &+ Int(digits[index] &- UInt8(ascii: "0"))
        }
        return length
    }
}
