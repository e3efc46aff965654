/// JSON under construction, written straight to the bytes that are sent.
///
/// Values come in the order of the text, so nothing is kept but the kind of the value that is open. The exceptions
/// are nested containers and super encoders: their owner may go back to them after it has written other things, so
/// each is a stream of its own, put in its place at the end.
@safe final class JSONStream {
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

    /// Where the text goes: `own`, except for the whole text while it is being written.
    private var current: Unmanaged<ByteWriter>
    private let own: ByteWriter
    private var slot = Slot.empty
    private var fragments: [Fragment] = []
    /// The stream of the whole text; nil if this is it, and only that one has attachments and a path.
    private let root: JSONStream?
    private var attachments: [[UInt8]] = []
    /// Whether it serves one text after another, so that its containers may be kept.
    let isKept: Bool
    let types: KnownTypes
    /// The innermost value of a container that is being written, while it is.
    private var innermost: UnsafePointer<Step>?

    /// The way to a value: its key or index, and how to get to its container.
    @safe private struct Step {
        let key: any CodingKey
        let outer: UnsafePointer<Step>?
    }

    /// A nested stream, and the byte that stands for it meanwhile.
    private struct Fragment {
        let offset: Int
        let stream: JSONStream
    }

    /// Never occurs in JSON, so that a container with a fragment does not look empty.
    private static let fragmentMark: UInt8 = 0

    /// One for whole texts.
    init(_ types: KnownTypes, isKept: Bool) {
        own = ByteWriter(capacity: 16)
        unsafe current = .passUnretained(own)
        self.types = types
        self.isKept = isKept
        root = nil
    }

    private init(within root: JSONStream) {
        own = ByteWriter(capacity: 64)
        unsafe current = .passUnretained(own)
        types = root.types
        isKept = false
        self.root = root
    }

    /// Begins a text at the end of `writer`, which the caller keeps until `end`.
    func begin(_ writer: ByteWriter, _ attachments: [[UInt8]]) {
        unsafe current = .passUnretained(writer)
        if !attachments.isEmpty { self.attachments = attachments }
    }

    /// Forgets the text, and where it goes.
    func end() {
        unsafe current = .passUnretained(own)
        slot = .empty
        // Fragments refer to their root.
        if !fragments.isEmpty { fragments = [] }
        if !attachments.isEmpty { attachments = [] }
    }

    var codingPath: [any CodingKey] {
        var path: [any CodingKey] = []
        var step = unsafe (root ?? self).innermost
        while let current = unsafe step {
            // SAFETY: `enter` takes each step away before its memory ends.
            unsafe path.append(current.pointee.key)
            unsafe step = current.pointee.outer
        }
        return path.reversed()
    }

    /// Calls `body` with where the text goes. It takes no references, which every value would cost.
    @inline(__always)
    func withWriter<R>(_ body: (ByteWriter) throws -> R) rethrows -> R {
        // SAFETY: the stream keeps `own` alive, and who calls `begin` the other one until `end`.
        try unsafe current._withUnsafeGuaranteedRef(body)
    }

    private var writer: ByteWriter { withWriter { $0 } }

    // MARK: Whole values

    /// Writes `value`, whatever it is.
    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws {
        if appendScalar(value) { return }
        try encodeComposite(value)
    }

    /// Writes `value` if it is of a type that needs no encoder; otherwise writes nothing and returns false.
    @inline(__always)
    func appendScalar<T: Encodable>(_ value: T) -> Bool {
        !types.isComposite(T.self) && withWriter { $0.appendScalar(value) }
    }

    /// Writes `value`, which is no scalar.
    private func encodeComposite<T: Encodable>(_ value: T) throws {
        if types.isComposite(T.self) { return try encodeByItself(value) }
        if T.self == [UInt8].self { return attach(value as! [UInt8]) }
        if T.self == JSONValue.self {
            return append(value as! JSONValue)
        }
        if types.wireType(of: T.self) != nil {
            switch (value as! any WireValue).wireForm {
            case .bytes(let bytes): attach(bytes)
            case .string(let text): writer.append(json: text)
            case .number(let text): writer.append(jsonNumber: text)
            case .null: writer.appendJSONNull()
            }
            return
        }
        try encodeByItself(value)
    }

    private func encodeByItself(_ value: some Encodable) throws {
        let outer = slot
        slot = .empty
        defer { slot = outer }
        try value.encode(to: StreamEncoder(stream: self))
        close()
    }

    /// Writes `value`, which is no scalar, as a part of a container: under `key`, or, if it throws, nothing from offset `start` on.
    func encode<T: Encodable>(_ value: T, at key: @autoclosure () -> any CodingKey, from start: Int) throws {
        let root = root ?? self
        // Keys bring no fragments and no attachments.
        let mark = Mark(count: start, fragments: fragments.count, attachments: root.attachments.count)
        do {
            try root.enter(key()) { try encodeComposite(value) }
        } catch {
            rewind(to: mark)
            throw error
        }
    }

    /// Calls `body`, which writes the value of `key`.
    @inline(__always)
    private func enter(_ key: any CodingKey, _ body: () throws -> Void) throws {
        let outer = unsafe innermost
        defer { unsafe innermost = outer }
        try unsafe withUnsafePointer(to: Step(key: key, outer: outer)) { step in
            // SAFETY: kept only until this call returns, where the outer one takes its place.
            unsafe innermost = step
            try body()
        }
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
            withWriter { $0.append(UInt8(ascii: "{")) }
            slot = .object
        case .object: break  // A class and its superclass may share one object.
        case .array, .value: preconditionFailure("encode(to:) has already written another kind of value")
        }
    }

    func openArray() {
        switch slot {
        case .empty:
            withWriter { $0.append(UInt8(ascii: "[")) }
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
        withWriter { if $0[$0.count &- 1] != bracket { $0.append(UInt8(ascii: ",")) } }
    }

    @inline(__always)
    func appendKey(_ key: some CodingKey) {
        separate(after: UInt8(ascii: "{"))
        withWriter {
            $0.append(json: key.stringValue)
            $0.append(UInt8(ascii: ":"))
        }
    }

    /// A stream for a value that goes here, but may be written at any time before the whole text ends.
    func fragment() -> JSONStream {
        let stream = JSONStream(within: root ?? self)
        var fragments = fragments
        self.fragments = []
        fragments.append(Fragment(offset: writer.count, stream: stream))
        self.fragments = fragments
        writer.append(Self.fragmentMark)
        return stream
    }

    private func close() {
        switch slot {
        case .empty: writer.append("{}")  // As JSON.stringify has a value without properties.
        case .value: break
        case .array: withWriter { $0.append(UInt8(ascii: "]")) }
        case .object: withWriter { $0.append(UInt8(ascii: "}")) }
        }
    }

    // MARK: Ending

    /// Puts the fragments in their places and returns all attachments.
    func finish() -> [[UInt8]] {
        let fragments = fragments
        if let first = fragments.first {
            let text = writer.array(in: first.offset..<writer.count)
            writer.truncate(to: first.offset)
            var written = 0
            for fragment in fragments {
                let offset = fragment.offset - first.offset
                writer.append(text[written..<offset])
                fragment.stream.close()
                _ = fragment.stream.finish()
                fragment.stream.withWriter { $0 }.withBytes { writer.append($0) }
                // Past the mark.
                written = offset + 1
            }
            writer.append(text[written...])
            self.fragments = []
        }
        return attachments
    }

    /// What was there before a value that may fail.
    private struct Mark {
        let count: Int
        let fragments: Int
        let attachments: Int
    }

    private func rewind(to mark: Mark) {
        writer.truncate(to: mark.count)
        var fragments = fragments
        self.fragments = []
        fragments.removeSubrange(mark.fragments...)
        self.fragments = fragments
        let root = root ?? self
        var attachments = root.attachments
        root.attachments = []
        attachments.removeSubrange(mark.attachments...)
        root.attachments = attachments
    }
}
