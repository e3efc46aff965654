/// Any JSON value, for payloads whose shape is not known, or not worth a type.
///
/// ```swift
/// socket.on("report") { (report: JSONValue) in
///     let city = report["address"]["city"].stringValue ?? "unknown"
///     let thanks: JSONValue = ["city": .string(city), "items": [1, 2.5, true, nil]]
///     socket.emit("thanks", thanks)
/// }
/// ```
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number that 64 bits hold. JavaScript rounds what is over 2^53.
    case integer(Int64)
    /// Any other number; one too large for a double is infinite, as with `JSON.parse`. Infinity and NaN are sent as
    /// `null`.
    case number(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Keys and values.
    case object(JSONObject)
    /// Bytes, which travel beside the JSON text: an `ArrayBuffer` or a `Buffer` in JavaScript.
    case binary([UInt8])
}

extension JSONValue: Hashable {
    /// Whether both are the same value; `1` and `1.0` are.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            Int64(whole: number) == integer
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.binary(let left), .binary(let right)): left == right
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _),
            (.binary, _):
            false
        }
    }

    /// Feeds the value into `hasher`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value):
            if let whole = Int64(whole: value) {
                hasher.combine(whole)
            } else {
                hasher.combine(value)
            }
        case .string(let value): hasher.combine(value)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object)
        case .binary(let bytes): hasher.combine(bytes)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON; bytes appear as the placeholders that are sent for them.
    public var description: String {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        writer.append(json: self, attachments: &attachments)
        return String(decoding: writer.array(), as: UTF8.self)
    }
}

extension ByteWriter {
    /// Writes `value`; its bytes go to the end of `attachments`, in the order met (Protocol.md 4.3).
    package func append(json value: JSONValue, attachments: inout [[UInt8]]) {
        switch value {
        case .null: appendJSONNull()
        case .bool(let value): append(json: value)
        case .integer(let value): append(json: value)
        case .number(let value): append(json: value)
        case .string(let value): append(json: value)
        case .array(let values):
            append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(json: value, attachments: &attachments)
            }
            append(UInt8(ascii: "]"))
        case .object(let object):
            append(UInt8(ascii: "{"))
            for (index, member) in object.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(json: member.key)
                append(UInt8(ascii: ":"))
                append(json: member.value, attachments: &attachments)
            }
            append(UInt8(ascii: "}"))
        case .binary(let bytes):
            appendPlaceholder(attachments.count)
            attachments.append(bytes)
        }
    }
}
