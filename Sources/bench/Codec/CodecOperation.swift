import CommandLineOptions

/// One thing that a codec does, on its own.
struct CodecOperation {
    let name: String
    /// Does it that many times; what it returns depends on the work, so that none of it can be left out.
    let run: (Int) throws -> Int

    init(_ name: String, _ run: @escaping (Int) throws -> Int) {
        self.name = name
        self.run = run
    }

    /// In the order in which they are reported.
    static func all() throws -> [CodecOperation] {
        try json() + foundation() + packets() + frames()
    }

    /// Does each of these operations that many times, between two marks: what runs under callgrind.
    static func run(_ names: [String], _ count: Int) throws {
        let all = try all()
        for name in names {
            guard let operation = all.first(where: { $0.name == name }) else {
                throw UsageError("there is no operation \(name)")
            }
            // What only the first of them cost is not counted.
            _ = try operation.run(10)
            Mark.noticedByCallgrind()
            guard try operation.run(count) > 0 else { throw LoadFailure("\(name) does nothing") }
            Mark.noticedByCallgrind()
        }
    }

    /// Nanoseconds that it takes: the lowest of some tries, which is the one that least disturbed.
    func nanoseconds() throws -> Double {
        var count = 1
        while true {
            let time = try time(count)
            if time >= Self.tryTime { break }
            count = time == 0 ? count * 16 : max(count + 1, Int(Double(count) * Self.tryTime * 1.2 / time))
        }
        var lowest = Double.infinity
        for _ in 0..<Self.tries { lowest = min(lowest, try time(count) / Double(count)) }
        return lowest
    }

    private static let tries = 5
    private static let tryTime = 20e6

    private func time(_ count: Int) throws -> Double {
        let start = Clock.now
        guard try run(count) > 0 else { throw LoadFailure("\(name) does nothing") }
        return Double(Clock.now - start)
    }
}
