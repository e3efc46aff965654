import Testing

@testable import NetLoop

@Suite struct LoopBoundTests {
    private final class Value {
        var number = 1
    }

    @Test func `is followed on its loop only`() async throws {
        let group = try EventLoopGroup(count: 2)
        let bound = await group.loops[0].call { LoopBound(Value(), on: $0) }
        #expect(bound.loop === group.loops[0])
        #expect(await group.loops[0].call { _ in bound.value.number } == 1)
        #expect(await group.loops[0].call { _ in bound.valueIfCurrent?.number } == 1)
        #expect(await group.loops[1].call { _ in bound.valueIfCurrent == nil })
        #expect(bound.valueIfCurrent == nil)
        group.stop()
        #expect(bound.valueIfCurrent == nil)
    }

    #if os(Linux) || os(macOS)
        @Test func `stops the program that follows it elsewhere`() async {
            await #expect(processExitsWith: .failure) {
                let group = try EventLoopGroup(count: 1)
                let bound = await group.loops[0].call { LoopBound(Value(), on: $0) }
                bound.value.number += 1
            }
        }
    #endif
}
