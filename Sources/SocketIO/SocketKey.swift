/// Names a value that the application keeps with a socket.
///
/// ```swift
/// extension SocketKey {
///     static var user: SocketKey<User> { .init("user") }
/// }
///
/// socket[.user] = User(name: "ada")
/// ```
/// Within the extension the bare `SocketKey("user")` would be a key of any type; `.init`, or `SocketKey<User>("user")`, is
/// one of the type that is declared.
///
/// Two keys of the same name and type are the same key.
public struct SocketKey<Value: Sendable>: Sendable {
    let name: String

    /// The key of this name, for values of this type.
    public init(_ name: String) {
        self.name = name
    }
}
