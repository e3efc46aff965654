// As much of swift-metrics as the articles use.

public final class Gauge: Sendable {
    public init(label: String, dimensions: [(String, String)] = []) {}

    public func record<DataType: BinaryInteger>(_ value: DataType) {}
}
