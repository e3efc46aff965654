/// What coding keeps from one value to the next, for all values that one thread codes.
package final class JSONMemory {
    /// One of the scans that kept nodes.
    struct Scan: Equatable {
        /// Counted from 1.
        let number: UInt32
    }

    let types = KnownTypes()
    /// The document of the next value, unless it is in use.
    private var document: JSONDocument?
    /// How many scans kept nodes.
    private var scans: UInt32 = 0
    /// The scan whose nodes the document has.
    private var scan: Scan?
    /// The stream of the next text, unless it is in use.
    private var stream: JSONStream?
    private var hasStream = false

    package init() {}

    deinit {
        // Containers may refer to a stream, which refers to the types.
        types.forgetContainers()
    }

    // MARK: Decoding

    /// Checks the array or object that begins at `offset`, and keeps its nodes until something else is scanned.
    func scan(_ text: Span<UInt8>, at offset: Int, maximumDepth: Int) throws(JSONError) -> ScannedValue {
        let document = takeDocument()
        let length = try document.scan(text.extracting(offset..<text.count), maximumDepth: maximumDepth)
        self.document = document
        if document.nodes.isComplete, maximumDepth <= JSONCoding.maximumDepth {
            // A value is decoded long before the numbers begin anew.
            scans = scans < UInt32.max / 2 ? scans &+ 1 : 1
            scan = Scan(number: scans)
        }
        return ScannedValue(offset..<(offset &+ length), scan: scan)
    }

    /// The document, maybe with the nodes of the latest scan. Taken out of here, because there may be a need for
    /// another one while it is in use.
    private func takeDocument() -> JSONDocument {
        scan = nil
        guard let document else { return JSONDocument(types) }
        self.document = nil
        return document
    }

    /// The value that `bytes` are as a `T`.
    ///
    /// - Parameter scan: Where their nodes may still be known from.
    func decode<T: Decodable>(
        _ type: T.Type, from bytes: Span<UInt8>, scan: Scan? = nil, attachments: [[UInt8]]
    ) throws -> T {
        let isScanned = scan != nil && scan == self.scan
        var document = takeDocument()
        do {
            if !isScanned { try document.scanAll(bytes, maximumDepth: JSONCoding.maximumDepth) }
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "This is not JSON.", underlyingError: error))
        }
        document.attach(bytes, attachments)
        let value = try document.decode(type, at: JSONDocument.root)
        // A type may have kept its decoder.
        if isKnownUniquelyReferenced(&document) {
            document.removeAll()
            self.document = document
        }
        return value
    }

    // MARK: Encoding

    /// A stream for a text, to be put back.
    func takeStream() -> JSONStream {
        if let stream {
            // There may be a need for another one while it is in use.
            self.stream = nil
            return stream
        }
        defer { hasStream = true }
        return JSONStream(types, isKept: !hasStream)
    }

    func putBack(_ stream: JSONStream) {
        if stream.isKept { self.stream = stream }
    }
}
