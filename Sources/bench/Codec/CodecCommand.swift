/// `bench codec`: what each codec costs without a socket.
struct CodecCommand {
    private let options: Options

    private struct Line: Codable {
        var operation: String
        var nanoseconds: Double
        var instructions: Double?
    }

    init(_ options: Options) {
        self.options = options
    }

    func run() throws {
        let operations = try CodecOperation.all()
        let instructions =
            options.countsInstructions ? try Callgrind().instructions(of: operations.map(\.name)) : nil
        let lines = try operations.enumerated().map { index, operation in
            Line(
                operation: operation.name, nanoseconds: try operation.nanoseconds(),
                instructions: instructions?[index])
        }
        print(try options.json ? JSONText.encode(lines) : text(lines))
    }

    private func text(_ lines: [Line]) throws -> String {
        var table = Table(["", "ns", "instructions"])
        for line in lines {
            table.add([
                line.operation, Figure.text(line.nanoseconds, 1), line.instructions.map { Figure.text($0, 0) } ?? "",
            ])
        }
        let size = try JSONText.encode(Record(number: 0)).utf8.count
        return "codec: JSON of \(size) bytes, packets and frames of 100 bytes; lowest of some tries\n\n\(table.text)\n"
    }
}
