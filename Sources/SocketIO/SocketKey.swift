/// Names a value that the application keeps with a socket.
///
/// ```swift
/// extension SocketKey where Value == String {
///     static var name: SocketKey { SocketKey("name") }
/// }
///
/// socket[.name] = "ada"
/// ```
/// Two keys of the same name and type are the same key.
public struct SocketKey<Value: Sendable>: Sendable {
    let name: String

    /// The key of this name, for values of this type.
    public init(_ name: String) {
        self.name = name
    }
}
