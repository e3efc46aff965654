import Testing

@testable import EngineIO

@Suite struct CoarseCountTests {
    @Test func `a number is told up to an eighth less, never more, and zero only for none`() {
        #expect(CoarseCount(0).count == 0)
        #expect(CoarseCount(-1).count == 0)
        for exponent in 0..<32 {
            for offset in [-1, 0, 1, (1 << exponent) / 3, (1 << exponent) / 8 * 7] {
                let number = (1 << exponent) + offset
                guard number > 0, number < 1 << 32 else { continue }
                let told = CoarseCount(number).count
                #expect(told >= 1 && told <= number && told >= number - number / 8 - 1, "\(number) \(told)")
            }
        }
    }

    @Test func `what is too large for it is told as 4 GiB`() {
        #expect(CoarseCount(.max) == CoarseCount(Int(UInt32.max)))
        #expect(CoarseCount(.max).count > 4_000_000_000)
    }

    @Test func `more is never told as less`() {
        var last = 0
        for number in 0..<100_000 {
            let told = CoarseCount(number).count
            #expect(told >= last)
            last = told
        }
    }
}
