import SocketIOWire
import Testing

@testable import NetLoop

@Suite struct LoopLagTests {
    @Test func `a loop that is held up says so once, and is not looked at when nobody asks`() throws {
        let time = ManualTime()
        let loop = try EventLoop(index: 0, time: time)
        let lag = LoopLag(of: loop)
        loop.step()
        #expect(lag.take(asking: loop.time) == .zero)
        // The timer is due after half a second; the loop comes to it after two.
        time.advance(by: .seconds(2))
        loop.step()
        let late = lag.take(asking: loop.time)
        #expect(late >= .milliseconds(1_490) && late <= .milliseconds(1_510))
        #expect(lag.take(asking: loop.time) == .zero)
        // How long the question itself has waited counts.
        #expect(lag.take(asking: loop.time.advanced(by: .milliseconds(-40))) == .milliseconds(40))
        // Long after the last question the loop has no timer any more.
        for _ in 0..<250 {
            time.advance(by: .milliseconds(500))
            loop.step()
        }
        #expect(loop.timers.waitLimit < 0)
    }
}
