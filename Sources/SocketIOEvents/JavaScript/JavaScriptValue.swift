/// What stands for a value of JavaScript in declarations that only say what to write instead: nothing has this type.
///
/// Every member, call and subscript of it compiles, so that the one message that is left is the declaration's.
@_documentation(visibility: internal)
@dynamicMemberLookup
@dynamicCallable
public struct JavaScriptValue: Encodable, Sendable {
    private init() {}

    /// A member of any name.
    public subscript(dynamicMember name: String) -> JavaScriptValue {
        get { self }
        nonmutating set {}
    }

    /// A member of any name and type.
    @_disfavoredOverload
    public subscript<Value>(dynamicMember name: String) -> Value {
        get { fatalError(Self.message) }
        nonmutating set {}
    }

    /// The value of any key.
    public subscript(key: String) -> JavaScriptValue {
        get { self }
        nonmutating set {}
    }

    /// The value of any key and type.
    @_disfavoredOverload
    public subscript<Value>(key: String) -> Value {
        get { fatalError(Self.message) }
        nonmutating set {}
    }

    /// A call with any arguments.
    @discardableResult
    public func dynamicallyCall(withArguments arguments: [Any]) -> JavaScriptValue { self }

    /// A call with any arguments and labels.
    @discardableResult
    public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<String, Any>) -> JavaScriptValue { self }

    private static let message = "there is no JavaScriptValue"
}

extension JavaScriptValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Any)...) {
        fatalError(Self.message)
    }
}

extension JavaScriptValue: Sequence {
    public func makeIterator() -> AnyIterator<JavaScriptValue> { AnyIterator { nil } }
}
