/// How long things take that stand for work.
struct Pace: Sendable {
    /// Seconds of a validation.
    let validation: ClosedRange<Double>
    /// From one step of an upload to the next.
    let step: Duration

    /// So that people can watch.
    static let people = Pace(validation: 5...10, step: .milliseconds(400))
}
