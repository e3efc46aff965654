/// A type that has its own form on the wire instead of the one its `Codable` conformance gives.
///
/// Not for applications: `Data` travels as an attachment, `Date` as the ISO 8601 string of `JSON.stringify`, and so on;
/// those types are Foundation's, which this module does not import. The module that knows both conforms them.
/// It can do so only if the protocol is public. An application's own types use `Codable`.
public protocol WireValue {
    /// What is sent in place of this value.
    var wireForm: WireForm { get }

    /// The value that was sent as `wireForm`.
    ///
    /// - Throws: Any error if there is no such value; the message is then refused with a `DecodingError`.
    init(wireForm: WireForm) throws
}

/// What a ``WireValue`` is on the wire; not for applications, see there.
public enum WireForm: Sendable, Hashable {
    /// Bytes: an attachment.
    case bytes([UInt8])
    /// Text: a JSON string.
    case string(String)
    /// A number, as JSON writes it; what is none is sent as `null`.
    case number(String)
    /// Nothing that can be sent: `null`. Only a value has this form, none is made of it.
    case null
}
