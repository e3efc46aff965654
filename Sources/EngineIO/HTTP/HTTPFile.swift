package import NetLoop
internal import SocketIOWire
internal import Synchronization

/// A file for a response, as it is found at its path; opened only if its bytes are wanted.
package struct HTTPFile: Sendable {
    let path: String
    package let status: FileStatus

    /// Nil if there is none at `path`, or it is no regular file.
    package init?(_ path: String) {
        guard let status = FileStatus(path), status.kind == .file else { return nil }
        self.init(path, status)
    }

    init(_ path: String, _ status: FileStatus) {
        self.path = path
        self.status = status
    }

    var entityTag: String { "\"\(status.version)\"" }

    /// What a client gets that asks for the file like this (RFC 9110 13.2.2).
    func response(to request: FileRequest, cacheControl: String) -> HTTPResponse {
        var fields = [("ETag", entityTag), ("Cache-Control", cacheControl), ("Accept-Ranges", "bytes")]
        if let known = request.ifNoneMatch, EntityTag.list(known, contains: entityTag) {
            return HTTPResponse(status: 304, fields: fields)
        }
        let range = request.range(ofLength: status.byteCount, tag: entityTag)
        if let part = range.contentRange(ofLength: status.byteCount) { fields.append(("Content-Range", part)) }
        fields.append(("X-Content-Type-Options", "nosniff"))
        switch range {
        case .unsatisfiable: return HTTPResponse(status: 416, fields: fields)
        case .whole:
            fields.append(("Content-Type", ContentType.ofFile(named: path)))
            return HTTPResponse(fields: fields, content: .file(self, 0..<status.byteCount))
        case .part(let part):
            fields.append(("Content-Type", ContentType.ofFile(named: path)))
            return HTTPResponse(status: 206, fields: fields, content: .file(self, part))
        }
    }
}

/// What a request says about how it wants a file.
package struct FileRequest: Sendable {
    let ifNoneMatch: String?
    private let range: String?
    private let ifRange: String?

    /// - Parameter field: The value of a field, by its name.
    init(isGet: Bool, field: (String) -> String?) {
        ifNoneMatch = field("if-none-match")
        // RFC 9110 14.2: of GET only.
        range = isGet ? field("range") : nil
        ifRange = field("if-range")
    }

    /// All of it, whatever is known.
    static let whole = FileRequest(isGet: false) { _ in nil }

    /// - Parameter request: Only GET and HEAD want less than all of it.
    init(_ request: HTTPRequest) {
        let method = request.method
        self =
            method == "GET" || method == "HEAD"
            ? FileRequest(isGet: method == "GET") { request.kept[field: $0] } : .whole
    }

    /// The part that is wanted. One that is wanted only of another version of the file is not (RFC 9110 13.1.5); that is
    /// told by the strong tag, since no response says a time.
    func range(ofLength length: Int, tag: String) -> HTTPRange {
        if let ifRange, !ifRange.utf8.elementsEqual(tag.utf8) { return .whole }
        return HTTPRange(range, ofLength: length)
    }
}

/// Reads a part of a file for a response.
final class HTTPFileProducer: HTTPBodyProducer {
    private let file: OpenFile
    private let range: Range<Int>
    private let place: FilesUnderWay.Place

    private static let pieceBytes = 64 * 1024

    init(_ file: OpenFile, _ range: Range<Int>, _ place: FilesUnderWay.Place) {
        self.file = file
        self.range = range
        self.place = place
    }

    func produce(for stream: HTTPBodyStream) {
        let start = range.lowerBound + stream.byteCount
        guard !stream.send(file, start..<range.upperBound) else { return }
        let piece = file.read(start..<min(start + Self.pieceBytes, range.upperBound))
        // A file that has become shorter: the response cannot be made whole.
        if piece.isEmpty { stream.end() } else { stream.send(piece) }
    }

    func clientLeft() {}
}

/// Why a file that is there is not sent.
struct FileRefusal: Error {
    let status: Int
    /// For the client.
    let words: String
    /// For the log: what the server lacks, and what helps.
    let cause: String?

    static let tooMany = FileRefusal(
        status: 503, words: "Too many files are under way.",
        cause: "as many are under way as `limits.filesUnderWay` allows")
    /// Replaced between two looks at it: the next request finds the new one.
    static let changed = FileRefusal(status: 503, words: "The file is being changed.", cause: nil)

    init(_ error: SystemError) {
        if error.isOutOfDescriptors {
            self.init(
                status: 503, words: "The server cannot open the file now.",
                cause: "\(error); raise the limit of open files (`ulimit -n`) or lower `limits.connections`")
        } else {
            // One that is there, and may not be read, is the server's fault.
            self.init(status: 404, words: "Not Found", cause: error.isMissingFile ? nil : "\(error)")
        }
    }

    private init(status: Int, words: String, cause: String?) {
        self.status = status
        self.words = words
        self.cause = cause
    }
}

extension EngineShard {
    /// Opens `file` for a response, if it is still what was found and not too many are under way.
    func open(_ file: HTTPFile, _ range: Range<Int>) throws(FileRefusal) -> HTTPFileProducer {
        guard let place = routes.filesUnderWay.begin(limit: configuration.limits.filesUnderWay) else {
            throw .tooMany
        }
        let opened: OpenFile
        do throws(SystemError) {
            opened = try OpenFile(file.path)
        } catch {
            throw FileRefusal(error)
        }
        guard opened.status == file.status else { throw .changed }
        return HTTPFileProducer(opened, range, place)
    }
}

/// Counts the files that a server is sending. Any thread.
final class FilesUnderWay: Sendable {
    private let count = Atomic<Int>(0)

    /// One file's, until it ends.
    final class Place: Sendable {
        private let files: FilesUnderWay

        fileprivate init(_ files: FilesUnderWay) {
            self.files = files
        }

        deinit {
            files.count.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Nil if so many are under way.
    func begin(limit: Int) -> Place? {
        let place = Place(self)
        return count.wrappingAdd(1, ordering: .relaxed).newValue <= limit ? place : nil
    }
}
