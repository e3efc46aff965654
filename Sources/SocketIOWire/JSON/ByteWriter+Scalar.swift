extension ByteWriter {
    /// Writes `value` if it is of a type that needs no encoder; otherwise writes nothing and returns false.
    @inline(__always)
    func appendScalar<T: Encodable>(_ value: T) -> Bool {
        let type = T.self
        if type == String.self {
            append(json: exactCast(value, to: String.self))
        } else if type == Int.self {
            append(json: exactCast(value, to: Int.self))
        } else if type == Double.self {
            append(json: exactCast(value, to: Double.self))
        } else if type == Bool.self {
            append(json: exactCast(value, to: Bool.self))
        } else if type == Int64.self {
            append(json: exactCast(value, to: Int64.self))
        } else if type == UInt64.self {
            append(json: exactCast(value, to: UInt64.self))
        } else if type == UInt.self {
            append(json: exactCast(value, to: UInt.self))
        } else if type == Int32.self {
            append(json: exactCast(value, to: Int32.self))
        } else if type == UInt32.self {
            append(json: exactCast(value, to: UInt32.self))
        } else if type == UInt8.self {
            append(json: exactCast(value, to: UInt8.self))
        } else if type == Float.self {
            append(json: exactCast(value, to: Float.self))
        } else if type == [String].self {
            appendArray(exactCast(value, to: [String].self)) { $0.append(json: $1) }
        } else if type == [Int].self {
            appendArray(exactCast(value, to: [Int].self)) { $0.append(json: $1) }
        } else if type == [Double].self {
            appendArray(exactCast(value, to: [Double].self)) { $0.append(json: $1) }
        } else {
            return false
        }
        return true
    }

    @inline(__always)
    private func appendArray<Element>(_ elements: [Element], _ append: (ByteWriter, Element) -> Void) {
        self.append(UInt8(ascii: "["))
        for index in elements.indices {
            if index > 0 { self.append(UInt8(ascii: ",")) }
            append(self, elements[index])
        }
        self.append(UInt8(ascii: "]"))
    }
}
