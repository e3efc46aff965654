import SocketIOClient

/// The three ways in which packets can travel.
enum Mode: String, CaseIterable, Sendable {
    case polling, webSocket, upgrade

    func configure(_ configuration: inout ClientManager.Configuration) {
        switch self {
        case .polling:
            configuration.transports = [.polling]
        case .webSocket:
            configuration.transports = [.webSocket]
        case .upgrade:
            configuration.transports = [.polling, .webSocket]
        }
    }
}
