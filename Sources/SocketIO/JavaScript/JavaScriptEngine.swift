public import SocketIOEvents

/// What stands for JavaScript's `io.engine`: whatever is done with it compiles, so that the one message that is left is that of
/// `SocketIOServer.engine`. Nothing has this type.
@_documentation(visibility: internal)
@dynamicMemberLookup
public struct JavaScriptEngine {
    private init() {}

    /// A member of any name.
    public subscript(dynamicMember name: String) -> JavaScriptValue {
        get { fatalError() }
        nonmutating set {}
    }

    /// A member of any name and type.
    @_disfavoredOverload
    public subscript<Value>(dynamicMember name: String) -> Value {
        get { fatalError() }
        nonmutating set {}
    }

    /// A middleware.
    public func use(_ middleware: @escaping (JavaScriptValue, JavaScriptValue, JavaScriptValue) -> Void) {}

    /// One that somebody else made.
    public func use(_ middleware: some Any) {}

    /// A listener of one argument.
    public func on(_ name: String, _ listener: @escaping (JavaScriptValue) -> Void) {}

    /// A listener of two.
    public func on(_ name: String, _ listener: @escaping (JavaScriptValue, JavaScriptValue) -> Void) {}
}
