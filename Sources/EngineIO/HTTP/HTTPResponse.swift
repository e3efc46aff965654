internal import SocketIOWire

/// A header field: its name, in any case, and its value.
public typealias HTTPField = (name: String, value: String)

/// The answer to a plain HTTP request.
public struct HTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// In order; where the body ends, and `Connection`, are added. One with control characters, and one that says what is
    /// added, is not sent, and a warning in the log.
    public var fields: [(name: String, value: String)]
    /// Empty where the body is not in memory.
    public var body: [UInt8] {
        get {
            switch content {
            case .bytes(let bytes): bytes
            case .file, .fileAt, .stream, .written: []
            }
        }
        set { content = .bytes(newValue) }
    }

    package var content: HTTPBody

    package init(status: Int = 200, fields: [(name: String, value: String)] = [], content: HTTPBody) {
        self.status = status
        self.fields = fields
        self.content = content
    }

    /// An answer with these fields, and a body in memory.
    public init(status: Int = 200, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.init(status: status, fields: fields, content: .bytes(body))
    }

    /// An answer with a body of that type.
    public init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.init(status: status, fields: [("Content-Type", contentType)], body: body)
    }

    /// Whether there is a field of that name.
    func has(_ name: String) -> Bool {
        fields.contains { $0.name.hasSameLetters(as: name) }
    }

    /// Plain text.
    public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A page.
    public static func html(_ page: String) -> HTTPResponse {
        html(Array(page.utf8))
    }

    /// A page, in UTF-8.
    public static func html(_ page: [UInt8]) -> HTTPResponse {
        HTTPResponse(contentType: "text/html; charset=utf-8", body: page)
    }

    /// A value as JSON. Bytes inside it cannot be written there and throw.
    public static func json(_ value: some Encodable, status: Int = 200) throws -> HTTPResponse {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        guard attachments.isEmpty else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "bytes have no place in a JSON body"))
        }
        return HTTPResponse(status: status, contentType: "application/json", body: writer.array())
    }

    /// The file at `path`, with a content type by its extension, and 404 if there is none.
    ///
    /// It is sent as those of `HTTPRoutes.folder` are: read as its client takes it, or a part that `Range` asks for, and not at
    /// all if it is known by its `ETag`; a status of its own sends it whole. Fields that are added replace those of the same
    /// name, `Content-Type` or `Cache-Control: no-cache` for instance. Do not make a path of what a client sent: it leads
    /// anywhere, links included; use `folder`.
    public static func file(_ path: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, content: .fileAt(path))
    }

    /// Sends the client elsewhere: with 302 by GET, whatever it asked with; 301 or 308 for ever, 303 after a form, 307 or 308
    /// with the same method.
    ///
    /// - Parameters:
    ///   - location: A URL, or a path from its slash on, percent-encoded. Not one that a client chose.
    ///   - status: 302 by default.
    public static func redirect(to location: String, status: Int = 302) -> HTTPResponse {
        HTTPResponse(status: status, fields: [("Location", location)])
    }

    /// An error with its usual words.
    public static func status(_ status: Int) -> HTTPResponse {
        .text(HTTPReasonPhrase.of(status).description, status: status)
    }
}
