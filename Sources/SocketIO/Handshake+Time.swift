#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

// With `SocketIOEvents/Foundation.swift` the only use of Foundation: dates.

extension Handshake {
    /// When the session began, to a twentieth of a second. Found when it is asked for, from how long ago that was.
    public var time: Date { Date.now.addingTimeInterval(-(opened.duration(to: .now) / .seconds(1))) }

    /// The same in milliseconds since 1970, as JavaScript counts.
    public var issued: Int { Int((time.timeIntervalSince1970 * 1_000).rounded()) }
}
