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
        /// What is done to a decoder; how often something was read.
        typealias Read = @Sendable (any Decoder) throws -> Int
        @TaskLocal static var read: Read = { _ in 0 }

        init(from decoder: any Decoder) throws {
            guard try Self.read(decoder) > 0 else { throw LoadFailure("nothing is read") }
        }
    }

    /// Writes whatever it is told to.
    struct Writing: Encodable {
        let write: @Sendable (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try write(encoder) }
    }
}
