#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

public import SocketIOEvents
internal import SocketIOWire

// With `SocketIOEvents/Foundation.swift` the only use of Foundation: dates.

extension Handshake {
    /// When the session began, to a twentieth of a second. Found when it is asked for, from how long ago that was.
    public var time: Date { Date.now.addingTimeInterval(-(opened.duration(to: .now) / .seconds(1))) }

    /// The same in milliseconds since 1970, as JavaScript counts.
    public var issued: Int { Int((time.timeIntervalSince1970 * 1_000).rounded()) }
}

extension Handshake {
    /// What a client brought along that is connected to another node.
    ///
    /// - Parameters:
    ///   - url: Path and query of the request.
    ///   - headers: Its fields, in order.
    ///   - address: The client's.
    ///   - isSecure: Whether it came over TLS.
    ///   - issued: When the session began, in milliseconds since 1970.
    ///   - auth: What the client gave; `.null` if it gave nothing.
    public init(
        url: String, headers: [(name: String, value: String)], address: String, isSecure: Bool, issued: Int,
        auth: JSONValue
    ) {
        let age = Date.now.timeIntervalSince1970 - Double(issued) / 1_000
        let writer = ByteWriter()
        if !auth.isNull {
            var attachments: [[UInt8]] = []
            writer.append(json: auth, attachments: &attachments)
        }
        self.init(
            KeptRequest(url: url, headers: headers, from: address, isSecure: isSecure), auth: writer.array(),
            opened: ContinuousClock.now.advanced(by: .seconds(-age).bounded))
    }
}
