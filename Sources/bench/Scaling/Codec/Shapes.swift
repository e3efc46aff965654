import Synchronization

/// What JSON is decoded into, and encoded from: every way in which a type of an application may ask for it.
enum Shapes {
    struct Point: Codable {
        var x: Int
        var y: Int
        var name: String
    }

    /// One of two, told by trying.
    enum Union: Decodable {
        case point(Point)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let point = try? container.decode(Point.self) {
                self = .point(point)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    /// Nil where the value is not what it should be.
    struct Lossy: Decodable {
        var point: Point?

        init(from decoder: any Decoder) throws {
            point = try? Point(from: decoder)
        }
    }

    struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int?

        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// Reads an object or an array, however it is told to.
    struct Reading: Decodable {
        typealias Read = @Sendable (any Decoder) throws -> Void
        private static let current = Mutex<Read>({ _ in })

        init(from decoder: any Decoder) throws {
            try Self.current.withLock { $0 }(decoder)
        }

        /// How the next ones are read: a type gets nothing but its decoder.
        static func use(_ read: @escaping Read) {
            current.withLock { $0 = read }
        }
    }

    /// Writes whatever it is told to.
    struct Writing: Encodable {
        let write: @Sendable (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try write(encoder) }
    }
}
