/// The arguments of an event as they arrived, for handlers that take any.
///
/// Nothing is decoded until it is asked for, so that passing them on costs little more than their bytes. As the last
/// parameter of a handler it takes all arguments that are left; emitted, it stands for all of its values.
///
/// ```swift
/// io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
/// ```
public struct EventArguments: Sendable {
    /// How many there are.
    public let count: Int
    /// The values, checked, with commas between them.
    package let json: [UInt8]
    /// What the placeholders in `json` stand for.
    package let attachments: [[UInt8]]
    /// Where each value lies in `json`; empty where they are few.
    private let places: [ScannedValue]

    /// To so many a value is found by walking past those in front of it. To find each of many like that would take
    /// quadratic time.
    private static let countWithoutPlaces = 8

    package init(count: Int, json: [UInt8], attachments: [[UInt8]]) {
        self.count = count
        self.json = json
        self.attachments = attachments
        var places: [ScannedValue] = []
        if count > Self.countWithoutPlaces {
            places.reserveCapacity(count)
            for _ in 0..<count { places.append(JSONScanner.acceptedValue(json.span, after: places.last)) }
        }
        self.places = places
    }

    /// The argument at `index`, counted from zero.
    ///
    /// - Throws: `DecodingError` if there is none, or if it is of another type.
    public func decode<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
        guard (0..<count).contains(index) else {
            throw DecodingError.valueNotFound(
                type, DecodingError.Context(codingPath: [], debugDescription: "There are \(count) arguments."))
        }
        let value = places.isEmpty ? value(at: index) : places[index]
        return try JSONCoding.decode(
            type, from: json.span.extracting(value.range), isPlainString: value.isPlainString, attachments: attachments)
    }

    private func value(at index: Int) -> ScannedValue {
        var value: ScannedValue?
        for _ in 0..<index { value = JSONScanner.acceptedValue(json.span, after: value) }
        return JSONScanner.acceptedValue(json.span, after: value)
    }
}

/// With other coders than those of events it is an array.
extension EventArguments: Codable, Equatable {
    /// The arguments as untyped values.
    public var values: [JSONValue] {
        let array = [UInt8(ascii: "[")] + json + [UInt8(ascii: "]")]
        // The text was checked when it arrived, so that any value can be decoded.
        return (try? JSONCoding.decode([JSONValue].self, from: array.span, attachments: attachments)) ?? []
    }

    /// These values.
    public init(_ values: [JSONValue]) {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        for (index, value) in values.enumerated() {
            if index > 0 { writer.append(UInt8(ascii: ",")) }
            writer.append(json: value, attachments: &attachments)
        }
        self.init(count: values.count, json: writer.array(), attachments: attachments)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try [JSONValue](from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        try values.encode(to: encoder)
    }

    public static func == (first: EventArguments, second: EventArguments) -> Bool {
        first.values == second.values
    }
}
