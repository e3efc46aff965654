public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// What the application keeps with a socket for whoever finds it, also on other nodes: JavaScript's `socket.data`.
///
/// ```swift
/// socket.data.name = "ada"
/// let name: String? = socket.data.name
/// ```
/// A member is any JSON, or any value that is `Codable`. `sockets()` finds what it was, on whichever node the socket
/// lives. What need not travel, or cannot, is kept under a `SocketKey`.
@dynamicMemberLookup
public struct SocketData: Sendable {
    /// The members, in the order in which they were set.
    public private(set) var members: JSONObject
    /// The names of the members that were set since these were read from a socket; nil if these replace all that it has.
    private var changes: Set<ByteName>?
    /// What could not be encoded.
    private(set) var failures: [(name: String, error: any Error)] = []

    /// No members.
    public init() {
        self.init(members: [:])
    }

    /// The members of a value, which has to be written as an object.
    ///
    /// ```swift
    /// socket.data = try SocketData(User(name: "ada"))
    /// ```
    /// - Throws: What the value's own `encode(to:)` throws, and `EncodingError` if it is not written as an object.
    public init<Value: Encodable>(_ value: Value) throws {
        guard case .object(let members) = try JSONValue(encoding: value) else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "data of a socket has members"))
        }
        self.init(members: members)
    }

    init(members: JSONObject) {
        self.members = members
    }

    /// The members of a socket, as they are now.
    fileprivate init(read members: JSONObject) {
        self.members = members
        changes = []
    }

    /// A member of any type; nil if there is none, and setting nil removes it.
    public subscript(name: String) -> JSONValue? {
        get { members[name] }
        set {
            members[name] = newValue
            changes?.insert(ByteName(name))
        }
    }

    /// A member of any type, written as in JavaScript: `socket.data.name`.
    public subscript(dynamicMember name: String) -> JSONValue? {
        get { self[name] }
        set { self[name] = newValue }
    }

    /// A member of this type; nil if there is none, or one of another type. Encoded when it is set: one that cannot be is
    /// told to `SocketIOServer.onHandlerError`, and the member stays as it was.
    @_disfavoredOverload
    public subscript<Value: Codable>(dynamicMember name: String) -> Value? {
        get {
            // One of another type is none.
            self[name].flatMap { try? $0.decode(as: Value.self) }
        }
        set {
            do {
                self[name] = try newValue.map { try JSONValue(encoding: $0) }
            } catch {
                failures.append((name, error))
            }
        }
    }

    /// All members as one value.
    ///
    /// - Throws: `DecodingError` if they are of another type.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONValue.object(members).decode(as: type)
    }

    /// Changes what a socket has as was asked of this copy: what others set meanwhile stays.
    fileprivate func apply(to current: inout JSONObject) {
        guard let changes else {
            current = members
            return
        }
        for name in changes where members[name.text] == nil { current[name.text] = nil }
        for member in members where changes.contains(ByteName(member.key)) { current[member.key] = member.value }
    }
}

extension SocketData: ExpressibleByDictionaryLiteral {
    /// These members.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var members = JSONObject()
        for (name, value) in elements { members[name] = value }
        self.init(members: members)
    }
}

/// Beside the values that do not travel.
private struct KeptData: Sendable {
    var members = JSONObject()

    static let key = SharedSocketState.ValueKey(SocketKey<KeptData>("data"))
}

extension SharedSocketState {
    /// What is kept for whoever finds the socket, among these values.
    static func data(in values: Values) -> SocketData {
        SocketData(read: (values[KeptData.key] as? KeptData)?.members ?? [:])
    }
}

extension Socket {
    /// What the application keeps with the socket for whoever finds it, also on other nodes.
    ///
    /// Setting one member leaves those alone that another thread sets at the same time. Stays with a client that is
    /// recovered.
    public var data: SocketData {
        get { shared.load()?.values.withLock { SharedSocketState.data(in: $0) } ?? SocketData(read: [:]) }
        set {
            madeShared.values.withLock { values in
                var kept = values[KeptData.key] as? KeptData ?? KeptData()
                newValue.apply(to: &kept.members)
                values[KeptData.key] = kept
            }
            namespace.context.administrationIfAny?.changedData(of: self)
            for failure in newValue.failures { report(failure.error, in: .keeping(failure.name)) }
        }
    }

    /// The same as one value.
    ///
    /// - Throws: `DecodingError` if the members are of another type.
    public func data<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try data.decode(as: type)
    }
}

extension JSONValue {
    /// The value as it would be sent.
    init<Value: Encodable>(encoding value: Value) throws {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        self = try JSONCoding.decode(JSONValue.self, from: writer.array().span, attachments: attachments)
    }

    /// The value as one of another type.
    func decode<Value: Decodable>(as type: Value.Type) throws -> Value {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        writer.append(json: self, attachments: &attachments)
        return try JSONCoding.decode(type, from: writer.array().span, attachments: attachments)
    }
}
