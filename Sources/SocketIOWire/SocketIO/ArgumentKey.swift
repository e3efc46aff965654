/// Which argument of an event an error is about: what the path of a `DecodingError` begins with.
package struct ArgumentKey: CodingKey {
    private let position: Int

    package init(_ position: Int) { self.position = position }

    package init(intValue: Int) { position = intValue }
    package init?(stringValue: String) { nil }

    package var intValue: Int? { position }
    package var stringValue: String { "argument \(position)" }

    /// Which argument it is, if the error is about one.
    package static func position(in error: DecodingError) -> Int? {
        (context(of: error)?.codingPath.first as? ArgumentKey)?.position
    }

    /// What was thrown by whoever decodes the argument at `position`.
    static func error(_ error: any Error, at position: Int) -> DecodingError {
        let key = ArgumentKey(position)
        guard let error = error as? DecodingError else {
            return .dataCorrupted(
                DecodingError.Context(codingPath: [key], debugDescription: "\(error)", underlyingError: error))
        }
        switch error {
        case .typeMismatch(let type, let context): return .typeMismatch(type, key.before(context))
        case .valueNotFound(let type, let context): return .valueNotFound(type, key.before(context))
        case .keyNotFound(let missing, let context): return .keyNotFound(missing, key.before(context))
        case .dataCorrupted(let context): return .dataCorrupted(key.before(context))
        @unknown default: return error
        }
    }

    private func before(_ context: DecodingError.Context) -> DecodingError.Context {
        DecodingError.Context(
            codingPath: [self] + context.codingPath, debugDescription: context.debugDescription,
            underlyingError: context.underlyingError)
    }

    private static func context(of error: DecodingError) -> DecodingError.Context? {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }
}
