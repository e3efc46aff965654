/// The middle and the ends of the figures of some rounds.
struct Spread: Codable, Equatable {
    let median: Double
    let min: Double
    let max: Double

    /// Nil for no figures.
    init?(_ figures: [Double]) {
        let sorted = figures.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        min = first
        max = last
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    func scaled(by factor: Double) -> Spread {
        // There are figures: these.
        Spread(min: min * factor, median: median * factor, max: max * factor)
    }

    private init(min: Double, median: Double, max: Double) {
        self.min = min
        self.median = median
        self.max = max
    }

    /// `5.21 (5.05–5.40)`.
    func text(_ digits: Int) -> String {
        let all = [median, min, max].map { Figure.text($0, digits) }
        return all[1] == all[2] ? all[0] : "\(all[0]) (\(all[1])–\(all[2]))"
    }
}

/// Numbers for people.
enum Figure {
    /// With this many digits after the point, and commas between thousands.
    static func text(_ number: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded()
        guard scaled < 1e18 else { return "\(number)" }
        let (whole, fraction) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
        var text = grouped(whole)
        if digits > 0 {
            let tail = String(fraction)
            text += "." + String(repeating: "0", count: digits - tail.count) + tail
        }
        return number < 0 && scaled > 0 ? "-" + text : text
    }

    static func percent(_ share: Double) -> String { text(share * 100, 0) + " %" }

    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
