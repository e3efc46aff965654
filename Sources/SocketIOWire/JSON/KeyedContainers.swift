/// Makes the containers with keys of one type.
///
/// It keeps the types of the containers and their conformances, which generic code has to look up by the key's type.
final class KeyedContainers<Key: CodingKey> {
    let decoding: (_ document: JSONDocument, _ object: Int) throws -> KeyedDecodingContainer<Key>
    private let makeEncoding: (JSONStream) -> KeyedEncodingContainer<Key>
    /// That of the stream that is kept: it writes wherever the stream has got to, so that it serves all objects.
    /// In a closure, which knows its type; who does not looks it up to copy it.
    private var kept: (() -> KeyedEncodingContainer<Key>)?

    init<Reading: ObjectReading, Writing: ObjectWriting>(_: Reading.Type, _: Writing.Type)
    where Reading.Key == Key, Writing.Key == Key {
        decoding = { KeyedDecodingContainer(try Reading($0, object: $1)) }
        makeEncoding = { KeyedEncodingContainer(Writing(stream: $0)) }
    }

    /// The container of the object that `stream` has begun.
    func encoding(_ stream: JSONStream) -> KeyedEncodingContainer<Key> {
        guard stream.isKept else { return makeEncoding(stream) }
        if let kept { return kept() }
        let made = makeEncoding(stream)
        kept = Self.always(made)
        return made
    }

    @inline(never)
    private static func always<Value>(_ value: Value) -> () -> Value {
        { value }
    }
}

/// A keyed container that reads an object of a document.
protocol ObjectReading: KeyedDecodingContainerProtocol {
    init(_ document: JSONDocument, object: Int) throws
}

/// A keyed container that writes the object that a stream has begun.
protocol ObjectWriting: KeyedEncodingContainerProtocol {
    init(stream: JSONStream)
}
