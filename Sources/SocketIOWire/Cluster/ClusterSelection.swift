/// Which sockets a message between nodes means, and how they are to be sent to.
package struct ClusterSelection: Equatable, Sendable {
    /// All of the namespace, if there are none.
    package var rooms: [String]
    package var except: [String]
    package var flags: SelectionFlags

    package init(rooms: [String] = [], except: [String] = [], flags: SelectionFlags = SelectionFlags()) {
        (self.rooms, self.except, self.flags) = (rooms, except, flags)
    }

    init(_ object: JSONObject, limits: ClusterLimits) throws(ProtocolViolation) {
        // Emitters of before send no list where they mean an empty one.
        rooms = try object.rooms("rooms", limits: limits) ?? []
        except = try object.rooms("except", limits: limits) ?? []
        flags = SelectionFlags(try object.object("flags") ?? JSONObject())
    }

    /// Which of Node's senders writes the members, each in its own order.
    enum Style {
        case adapter
        /// A broadcast of an emitter.
        case emitter
        /// Requests of the Redis adapter, which have no flags.
        case withoutFlags
    }

    func value(_ style: Style) -> JSONValue {
        let (rooms, except) = (JSONValue(rooms: rooms), JSONValue(rooms: except))
        return switch style {
        case .adapter: ["rooms": rooms, "except": except, "flags": flags.value]
        case .emitter: ["rooms": rooms, "flags": flags.value, "except": except]
        case .withoutFlags: ["rooms": rooms, "except": except]
        }
    }
}

/// How a broadcast is to be sent, as far as other nodes are told.
package struct SelectionFlags: Equatable, Sendable {
    package var isVolatile = false
    /// Nil if nobody said.
    package var compress: Bool?
    /// One answer is enough: the broadcast is to one socket.
    package var expectsSingleResponse = false
    /// How long the sender waits for acknowledgements, in milliseconds.
    package var timeout: Int?

    package init() {}

    /// What is not known, or of a wrong type, does not count.
    init(_ object: JSONObject) {
        isVolatile = object["volatile"]?.boolValue ?? false
        compress = object["compress"]?.boolValue
        expectsSingleResponse = object["expectSingleResponse"]?.boolValue ?? false
        timeout = object["timeout"]?.intValue
    }

    var value: JSONValue {
        var object = JSONObject()
        if isVolatile { object["volatile"] = true }
        if let compress { object["compress"] = .bool(compress) }
        if expectsSingleResponse { object["expectSingleResponse"] = true }
        if let timeout { object["timeout"] = .integer(Int64(timeout)) }
        return .object(object)
    }
}
