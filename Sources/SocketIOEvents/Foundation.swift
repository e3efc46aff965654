// With `Handshake+Time.swift` the one place that knows Foundation's types: what they are in JavaScript. Values.md has the
// table.
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

/// A date travels as the text that `JSON.stringify` makes of it, `2026-01-31T12:00:00.678Z`, rounded to the millisecond;
/// as `null` if JavaScript has no such date.
extension Date: WireValue {}
extension Date {
    public var wireForm: WireForm {
        ISODate(seconds: timeIntervalSince1970).map { .string($0.description) } ?? .null
    }

    public init(wireForm: WireForm) throws {
        guard case .string(let text) = wireForm else { throw WireFormMismatch() }
        if let text = ISODate(text) {
            self.init(timeIntervalSince1970: text.seconds)
            return
        }
        // Other languages write more digits or fewer, leave the fraction out, or name another time zone.
        let style = ISO8601FormatStyle(includingFractionalSeconds: true)
        if let date = try? Date(text, strategy: style) {
            self = date
        } else {
            try self.init(text, strategy: .iso8601)
        }
    }
}

/// An address travels as text, as it does with Foundation's own coders.
extension URL: WireValue {}
extension URL {
    public var wireForm: WireForm { .string(absoluteString) }

    public init(wireForm: WireForm) throws {
        guard case .string(let text) = wireForm, let url = URL(string: text) else { throw WireFormMismatch() }
        self = url
    }
}

/// A decimal number travels as a number, with all its digits, of which JavaScript keeps about 16; as `null` if it is none.
extension Decimal: WireValue {}
extension Decimal {
    public var wireForm: WireForm { isNaN ? .null : .number(description) }

    public init(wireForm: WireForm) throws {
        guard case .number(let text) = wireForm, let number = Decimal(string: text) else { throw WireFormMismatch() }
        self = number
    }
}

/// A value came in another form than its type travels in.
struct WireFormMismatch: Error {}
