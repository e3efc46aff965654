extension JSONDocument {
    /// The value at `node` as a `T`.
    ///
    /// The types whose form we know are compared one by one, which costs less than making a container for them; a
    /// cast from a type to itself is a copy.
    func decode<T: Decodable>(_ type: T.Type, at node: Int) throws -> T {
        if type == String.self { return try requireString(at: node) as! T }
        if type == Int.self { return try requireInteger(Int.self, at: node) as! T }
        if type == Double.self { return try requireDouble(at: node) as! T }
        if type == Bool.self { return try requireBool(at: node) as! T }
        if type == [String].self { return try elements(of: node) { try requireString(at: $0) } as! T }
        if type == [Int].self { return try elements(of: node) { try requireInteger(Int.self, at: $0) } as! T }
        if type == [Double].self { return try elements(of: node) { try requireDouble(at: $0) } as! T }
        if type == JSONValue.self { return try value(at: node) as! T }
        if type == [UInt8].self {
            if let bytes = try attachment(at: node) { return bytes as! T }
            // A list of small numbers, as `Array.from(bytes)` gives.
            return try T(from: DocumentDecoder(document: self, node: node))
        }
        if type == Int64.self { return try requireInteger(Int64.self, at: node) as! T }
        if type == UInt64.self { return try requireInteger(UInt64.self, at: node) as! T }
        if type == UInt.self { return try requireInteger(UInt.self, at: node) as! T }
        if type == Int32.self { return try requireInteger(Int32.self, at: node) as! T }
        if type == UInt32.self { return try requireInteger(UInt32.self, at: node) as! T }
        if type == UInt8.self { return try requireInteger(UInt8.self, at: node) as! T }
        if type == Float.self { return try requireFloat(at: node) as! T }
        if let type = wireType(of: type) { return try wireValue(type, at: node) as! T }
        return try T(from: DocumentDecoder(document: self, node: node))
    }

    @inline(__always)
    private func elements<Element>(of array: Int, _ element: (Int) throws -> Element) throws -> [Element] {
        guard array != Self.absent, kind(at: array) == .array else { throw mismatch([Element].self, at: array) }
        var elements: [Element] = []
        elements.reserveCapacity(count(at: array))
        var node = array &+ 1
        let end = Int(nodes[array].next)
        while node < end {
            elements.append(try element(node))
            node = Int(nodes[node].next)
        }
        return elements
    }

    private func wireValue(_ type: any WireValue.Type, at node: Int) throws -> any WireValue {
        let form: WireForm
        if let bytes = try attachment(at: node) {
            form = .bytes(bytes)
        } else if node != Self.absent, kind(at: node) == .string {
            form = .string(string(at: node))
        } else {
            throw mismatch(type, at: node)
        }
        do {
            return try type.init(wireForm: form)
        } catch let error as DecodingError {
            throw error
        } catch {
            throw corrupted("This is not a \(type).", at: node, underlying: error)
        }
    }
}

/// Remembers whether the last type asked about is a ``WireValue``: looking for a conformance takes the runtime a while,
/// and the elements of a list all ask the same.
protocol WireValueMemory: AnyObject {
    var lastType: ObjectIdentifier? { get set }
    var lastWireType: (any WireValue.Type)? { get set }
}

extension WireValueMemory {
    @inline(__always)
    func wireType<T>(of type: T.Type) -> (any WireValue.Type)? {
        let identifier = ObjectIdentifier(type)
        if lastType == identifier { return lastWireType }
        let wireType = type as? any WireValue.Type
        lastWireType = wireType
        lastType = identifier
        return wireType
    }
}
