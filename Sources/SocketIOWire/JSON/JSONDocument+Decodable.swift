extension JSONDocument {
    /// The value at `node` as a `T`.
    ///
    /// The types whose form we know are compared one by one, which costs less than making a container for them.
    func decode<T: Decodable>(_ type: T.Type, at node: Int) throws -> T {
        if type == String.self { return exactCast(try requireString(at: node), to: type) }
        if type == Int.self { return exactCast(try requireInteger(Int.self, at: node), to: type) }
        if type == Double.self { return exactCast(try requireDouble(at: node), to: type) }
        if type == Bool.self { return exactCast(try requireBool(at: node), to: type) }
        if types.isComposite(type) { return try T(from: DocumentDecoder(document: self, node: node)) }
        if type == [String].self { return exactCast(try elements(of: node) { try requireString(at: $0) }, to: type) }
        if type == [Int].self {
            return exactCast(try elements(of: node) { try requireInteger(Int.self, at: $0) }, to: type)
        }
        if type == [Double].self { return exactCast(try elements(of: node) { try requireDouble(at: $0) }, to: type) }
        if type == JSONValue.self { return exactCast(try value(at: node), to: type) }
        if type == [UInt8].self {
            if let bytes = try attachment(at: node) { return exactCast(bytes, to: type) }
            // A list of small numbers, as `Array.from(bytes)` gives.
            return try T(from: DocumentDecoder(document: self, node: node))
        }
        if type == Int64.self { return exactCast(try requireInteger(Int64.self, at: node), to: type) }
        if type == UInt64.self { return exactCast(try requireInteger(UInt64.self, at: node), to: type) }
        if type == UInt.self { return exactCast(try requireInteger(UInt.self, at: node), to: type) }
        if type == Int32.self { return exactCast(try requireInteger(Int32.self, at: node), to: type) }
        if type == UInt32.self { return exactCast(try requireInteger(UInt32.self, at: node), to: type) }
        if type == UInt8.self { return exactCast(try requireInteger(UInt8.self, at: node), to: type) }
        if type == Float.self { return exactCast(try requireFloat(at: node), to: type) }
        if let type = types.wireType(of: type) { return try wireValue(type, at: node) as! T }
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
        } else if node != Self.absent, kind(at: node) == .number {
            form = .number(withText(at: node) { String(validating: $0) ?? "" })
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
