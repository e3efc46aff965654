extension ByteWriter {
    /// Writes `value` if it is of a type that needs no encoder; otherwise writes nothing and returns false.
    ///
    /// A cast from a type to itself is a copy.
    @inline(__always)
    func appendScalar<T: Encodable>(_ value: T) -> Bool {
        let type = T.self
        if type == String.self {
            append(json: value as! String)
        } else if type == Int.self {
            append(json: value as! Int)
        } else if type == Double.self {
            append(json: value as! Double)
        } else if type == Bool.self {
            append(json: value as! Bool)
        } else if type == Int64.self {
            append(json: value as! Int64)
        } else if type == UInt64.self {
            append(json: value as! UInt64)
        } else if type == UInt.self {
            append(json: value as! UInt)
        } else if type == Int32.self {
            append(json: value as! Int32)
        } else if type == UInt32.self {
            append(json: value as! UInt32)
        } else if type == UInt8.self {
            append(json: value as! UInt8)
        } else if type == Float.self {
            append(json: value as! Float)
        } else if type == [String].self {
            appendArray(value as! [String]) { $0.append(json: $1) }
        } else if type == [Int].self {
            appendArray(value as! [Int]) { $0.append(json: $1) }
        } else if type == [Double].self {
            appendArray(value as! [Double]) { $0.append(json: $1) }
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
