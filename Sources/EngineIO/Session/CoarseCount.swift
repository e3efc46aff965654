/// A number in one byte: up to an eighth less than it is, and none that is not zero becomes zero.
///
/// In floating point: three bits of the number, behind its highest one, and how far they are to be moved.
struct CoarseCount: Equatable {
    let rawValue: UInt8

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// - Parameter count: Of what is over 4 GiB so much is told.
    init(_ count: Int) {
        guard count > 0 else {
            rawValue = 0
            return
        }
        let number = UInt32(clamping: count)
        let exponent = 31 - number.leadingZeroBitCount
        let fraction = exponent >= 3 ? number >> UInt32(exponent - 3) : number << UInt32(3 - exponent)
        rawValue = max(UInt8(exponent << 3) | UInt8(fraction & 7), 1)
    }

    var count: Int {
        guard rawValue > 0 else { return 0 }
        return max(((8 | Int(rawValue & 7)) << Int(rawValue >> 3)) >> 3, 1)
    }
}
