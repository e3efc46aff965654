internal import SocketIOWire

/// What the application decides about a new session: whether it may begin, and under which id.
struct HandshakeDecision: Sendable {
    private let allowRequest: (@Sendable (HTTPRequest) async throws -> Void)?
    private let generateID: (@Sendable (HTTPRequest) async throws -> String)?
    private let logger: any ServerLogger

    init(_ configuration: EngineIOServer.Configuration) {
        allowRequest = configuration.allowRequest
        generateID = configuration.generateID
        logger = configuration.logger
    }

    var isNeeded: Bool { allowRequest != nil || generateID != nil }

    /// The id that the application makes, if it does; asked in the order of Protocol.md 3.2.
    func id(for plain: HTTPRequest, _ request: EngineRequest) async throws(EngineRefusal) -> String? {
        do {
            try await allowRequest?(plain)
        } catch {
            throw .forbidden((error as? RequestRefused)?.message)
        }
        try request.checkVersion()
        guard let generateID else { return nil }
        do {
            return try await generateID(plain)
        } catch {
            logger.log(at: .error, "generateID failed: \(error)")
            throw .badRequest
        }
    }
}
