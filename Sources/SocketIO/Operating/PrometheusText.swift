/// Numbers in Prometheus' text format, version 0.0.4: a name, what it means, and a value for each set of labels.
struct PrometheusText {
    /// What a number does over time.
    enum Kind: String {
        /// Only grows, until the server begins anew. Its name ends with `_total`.
        case counter
        case gauge
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// One number without labels.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        head(name, kind, help)
        text += "socketio_\(name) \(value)\n"
    }

    /// A number for each value of one label.
    mutating func add<Number>(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(String, Number)]
    ) {
        head(name, kind, help)
        for (value, number) in values {
            text += "socketio_\(name){\(label)=\"\(Self.escaped(value))\"} \(number)\n"
        }
    }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP socketio_\(name) \(help)\n# TYPE socketio_\(name) \(kind.rawValue)\n"
    }

    /// A label's value, which may be a name that a client chose.
    static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The largest of `counts` by their names, in order, and the sum of all others under a name that no namespace has: each
    /// value of a label is a series, which whoever reads them keeps for long.
    static func largest(of counts: [String: Int], limit: Int = 100) -> [(String, Int)] {
        guard counts.count > limit else { return counts.sorted { $0.key < $1.key } }
        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let others = ordered[limit...].reduce(0) { $0 + $1.value }
        return ordered[..<limit].sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("others", others)]
    }
}
