/// The first line of a request.
struct HTTPRequestLine: Sendable {
    let method: HTTPMethod
    let target: HTTPTarget
    let version: HTTPVersion

    /// Reads `method SP target SP version` (RFC 9112 3), which has exactly two spaces.
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPFailure) {
        var methodEnd = line.lowerBound
        while methodEnd < line.upperBound, bytes[methodEnd].isTokenByte { methodEnd &+= 1 }
        let isToken = methodEnd > line.lowerBound && methodEnd < line.upperBound && bytes[methodEnd] == 0x20
        guard isToken, methodEnd &- line.lowerBound <= HTTPMethod.maxBytes else {
            throw HTTPFailure(400, "not a method")
        }
        method = HTTPMethod(token: bytes.extracting(line.lowerBound..<methodEnd))
        var targetEnd = methodEnd &+ 1
        while targetEnd < line.upperBound, bytes[targetEnd] != 0x20 { targetEnd &+= 1 }
        guard targetEnd < line.upperBound else { throw HTTPFailure(400, "a request line without a version") }
        version = try HTTPVersion(bytes.extracting((targetEnd &+ 1)..<line.upperBound))
        target = try HTTPTarget(bytes, in: (methodEnd &+ 1)..<targetEnd, of: method)
    }
}
