// The one place that knows Foundation's types: what JavaScript has as `ArrayBuffer` and `Date`.
#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
public import SocketIOWire

/// Bytes travel as a binary attachment, as in JavaScript.
extension Data: WireValue {}
extension Data {
    public var wireForm: WireForm { .bytes([UInt8](self)) }

    public init(wireForm: WireForm) throws {
        guard case .bytes(let bytes) = wireForm else { throw WireFormMismatch() }
        self.init(bytes)
    }
}

/// A date travels as the text that `JSON.stringify` makes of it: `2026-01-31T12:00:00.000Z`.
extension Date: WireValue {}
extension Date {
    private static var style: ISO8601FormatStyle { ISO8601FormatStyle(includingFractionalSeconds: true) }

    public var wireForm: WireForm { .string(formatted(Self.style)) }

    public init(wireForm: WireForm) throws {
        guard case .string(let text) = wireForm else { throw WireFormMismatch() }
        if let date = try? Date(text, strategy: Self.style) {
            self = date
        } else {
            // Other languages leave the fraction out.
            try self.init(text, strategy: .iso8601)
        }
    }
}

/// A value came in another form than its type travels in.
struct WireFormMismatch: Error {}
