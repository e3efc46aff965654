/// What stands for a value of JavaScript in declarations that only say what to write instead: nothing has this type.
///
/// Every member, call and subscript of it compiles, so that the one message that is left is the declaration's.
@dynamicMemberLookup
@dynamicCallable
public struct JavaScriptValue: Encodable, Sendable {
    private init() {}

    public subscript(dynamicMember name: String) -> JavaScriptValue {
        get { self }
        nonmutating set {}
    }

    @_disfavoredOverload
    public subscript<Value>(dynamicMember name: String) -> Value {
        get { fatalError(Self.message) }
        nonmutating set {}
    }

    public subscript(key: String) -> JavaScriptValue {
        get { self }
        nonmutating set {}
    }

    @_disfavoredOverload
    public subscript<Value>(key: String) -> Value {
        get { fatalError(Self.message) }
        nonmutating set {}
    }

    @discardableResult
    public func dynamicallyCall(withArguments arguments: [Any]) -> JavaScriptValue { self }

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
