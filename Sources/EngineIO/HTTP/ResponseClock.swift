internal import NetLoop
internal import SocketIOWire

/// The `Date` of the responses of one loop, made once a second.
final class ResponseClock {
    private var current = HTTPDate(secondsSince1970: 0)
    private var end = CompactInstant(nanoseconds: .min)

    private static let second: Int64 = 1_000_000_000

    /// - Parameter now: The loop's time, which never jumps; a second of it is a second of the date.
    func date(at now: CompactInstant) -> HTTPDate {
        guard now >= end else { return current }
        let (seconds, rest) = WallClock.nanoseconds.quotientAndRemainder(dividingBy: Self.second)
        current = HTTPDate(secondsSince1970: Int(seconds))
        end = now.advanced(by: .nanoseconds(Self.second - rest))
        return current
    }
}
