/// JSON under construction, written straight to the bytes that are sent.
///
/// Values come in the order of the text, so nothing is kept but the kind of the value that is open. The exceptions
/// are nested containers and super encoders: their owner may go back to them after it has written other things, so
/// each is a stream of its own, put in its place at the end.
final class JSONStream: WireValueMemory {
    /// What was written of the value whose `encode(to:)` is running.
    private enum Slot {
        /// Nothing yet.
        case empty
        /// A whole value.
        case value
        /// An array that lacks its closing bracket.
        case array
        /// An object that lacks its closing bracket.
        case object
    }

    let writer: ByteWriter
    private var slot = Slot.empty
    private var fragments: [Fragment] = []
    /// The stream of the whole text; nil if this is it, and only that one has attachments and a path.
    private let root: JSONStream?
    private var attachments: [[UInt8]]
    private var path: [any CodingKey] = []
    var lastType: ObjectIdentifier?
    var lastWireType: (any WireValue.Type)?

    /// A nested stream, and the byte that stands for it meanwhile.
    private struct Fragment {
        let offset: Int
        let stream: JSONStream
    }

    /// Never occurs in JSON, so that a container with a fragment does not look empty.
    private static let fragmentMark: UInt8 = 0

    init(_ writer: ByteWriter, attachments: [[UInt8]]) {
        self.writer = writer
        self.attachments = attachments
        root = nil
    }

    private init(within root: JSONStream) {
        writer = ByteWriter(capacity: 64)
        attachments = []
        self.root = root
    }

    var codingPath: [any CodingKey] { (root ?? self).path }

    // MARK: Whole values

    /// Writes `value`, whatever it is.
    func encode<T: Encodable>(_ value: T) throws {
        if writer.appendScalar(value) { return }
        if T.self == [UInt8].self { return attach(value as! [UInt8]) }
        if T.self == JSONValue.self {
            return append(value as! JSONValue)
        }
        if wireType(of: T.self) != nil {
            switch (value as! any WireValue).wireForm {
            case .bytes(let bytes): attach(bytes)
            case .string(let text): writer.append(json: text)
            }
            return
        }
        let outer = slot
        slot = .empty
        defer { slot = outer }
        try value.encode(to: StreamEncoder(stream: self))
        close()
    }

    /// Writes `value` as a part of a container: under `key`, or, if it throws, nothing from offset `start` on.
    func encode<T: Encodable>(_ value: T, at key: @autoclosure () -> any CodingKey, from start: Int) throws {
        let root = root ?? self
        // Keys bring no fragments and no attachments.
        let mark = Mark(count: start, fragments: fragments.count, attachments: root.attachments.count)
        root.enter(key())
        defer { root.leave() }
        do {
            try encode(value)
        } catch {
            rewind(to: mark)
            throw error
        }
    }

    /// Takes the path out and puts it back, which costs less than a checked access to it in place.
    private func enter(_ key: any CodingKey) {
        var path = path
        self.path = []
        path.append(key)
        self.path = path
    }

    private func leave() {
        var path = path
        self.path = []
        path.removeLast()
        self.path = path
    }

    private func append(_ value: JSONValue) {
        let root = root ?? self
        var attachments = root.attachments
        root.attachments = []
        writer.append(json: value, attachments: &attachments)
        root.attachments = attachments
    }

    private func attach(_ bytes: [UInt8]) {
        append(.binary(bytes))
    }

    // MARK: Containers

    func openObject() {
        switch slot {
        case .empty:
            writer.append(UInt8(ascii: "{"))
            slot = .object
        case .object: break  // A class and its superclass may share one object.
        case .array, .value: preconditionFailure("encode(to:) has already written another kind of value")
        }
    }

    func openArray() {
        switch slot {
        case .empty:
            writer.append(UInt8(ascii: "["))
            slot = .array
        case .array: break
        case .object, .value: preconditionFailure("encode(to:) has already written another kind of value")
        }
    }

    func beginValue() {
        precondition(slot == .empty, "encode(to:) has already written a value")
        slot = .value
    }

    /// Writes a comma unless the container was just opened.
    @inline(__always)
    func separate(after bracket: UInt8) {
        // No value ends with an opening bracket.
        if writer[writer.count &- 1] != bracket { writer.append(UInt8(ascii: ",")) }
    }

    @inline(__always)
    func appendKey(_ key: some CodingKey) {
        separate(after: UInt8(ascii: "{"))
        writer.append(json: key.stringValue)
        writer.append(UInt8(ascii: ":"))
    }

    /// A stream for a value that goes here, but may be written at any time before the whole text ends.
    func fragment() -> JSONStream {
        let stream = JSONStream(within: root ?? self)
        fragments.append(Fragment(offset: writer.count, stream: stream))
        writer.append(Self.fragmentMark)
        return stream
    }

    private func close() {
        switch slot {
        case .empty: writer.append("{}")  // As JSON.stringify has a value without properties.
        case .value: break
        case .array: writer.append(UInt8(ascii: "]"))
        case .object: writer.append(UInt8(ascii: "}"))
        }
    }

    // MARK: Ending

    /// Puts the fragments in their places and returns all attachments.
    func finish() -> [[UInt8]] {
        if let first = fragments.first {
            let text = writer.array(in: first.offset..<writer.count)
            writer.truncate(to: first.offset)
            var written = 0
            for fragment in fragments {
                let offset = fragment.offset - first.offset
                writer.append(text[written..<offset])
                fragment.stream.close()
                _ = fragment.stream.finish()
                fragment.stream.writer.withBytes { writer.append($0) }
                // Past the mark.
                written = offset + 1
            }
            writer.append(text[written...])
            // Fragments refer to their root.
            fragments.removeAll()
        }
        return attachments
    }

    /// What was there before a value that may fail.
    struct Mark {
        fileprivate let count: Int
        fileprivate let fragments: Int
        fileprivate let attachments: Int
    }

    var mark: Mark {
        Mark(count: writer.count, fragments: fragments.count, attachments: (root ?? self).attachments.count)
    }

    func rewind(to mark: Mark) {
        writer.truncate(to: mark.count)
        fragments.removeSubrange(mark.fragments...)
        let root = root ?? self
        var attachments = root.attachments
        root.attachments = []
        attachments.removeSubrange(mark.attachments...)
        root.attachments = attachments
    }
}
