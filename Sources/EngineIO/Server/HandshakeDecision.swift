internal import NetLoop
internal import SocketIOWire

/// What the application decides about a new session: whether it may begin, and under which id.
struct HandshakeDecision: Sendable {
    private let allowRequest: (@Sendable (HTTPRequest) async throws -> Void)?
    private let generateID: (@Sendable (HTTPRequest) async throws -> String)?
    private let allowEIO3: Bool
    private let log: EngineLog
    private let loop: EventLoop

    init(_ configuration: EngineIOServer.Configuration, _ log: EngineLog, on loop: EventLoop) {
        self.log = log
        self.loop = loop
        allowRequest = configuration.allowRequest
        generateID = configuration.generateID
        allowEIO3 = configuration.allowEIO3
    }

    var isNeeded: Bool { allowRequest != nil || generateID != nil }

    /// The id that the application makes, if it does; asked in the order of Protocol.md 3.2.
    func id(for plain: HTTPRequest, _ request: EngineRequest) async throws(EngineRefusal) -> String? {
        do {
            try await allowRequest?(plain)
        } catch let refusal as RequestRefused {
            throw .forbidden(refusal.message)
        } catch {
            log.noteFailure(of: "allowRequest", error, on: loop)
            throw .forbidden(nil)
        }
        _ = try request.dialect(allowsRevision3: allowEIO3)
        guard let generateID else { return nil }
        do {
            return try await generateID(plain)
        } catch {
            log.noteFailure(of: "generateID", error, on: loop)
            throw .badRequest
        }
    }
}
