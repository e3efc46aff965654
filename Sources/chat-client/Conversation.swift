import ChatEvents
import SocketIOClient

/// The chat's server, as a session sees it: what it says becomes input, and what the session asks is asked.
final class Conversation: Sendable {
    private let manager: ClientManager
    private let socket: ClientSocket
    private let inbox: Inbox
    /// How long there may be no connection; nil for as long as it takes.
    private let patience: Duration?
    /// With it the name can be used again after a lost connection.
    private let key = String((0..<24).compactMap { _ in "abcdefghjkmnpqrstuvwxyz23456789".randomElement() })

    /// Longer than a server that is there takes to answer.
    private static let answerTime = Duration.seconds(10)

    init(with url: String, patience: Duration?, _ inbox: Inbox) {
        self.inbox = inbox
        self.patience = patience
        manager = ClientManager(url: url) { configuration in
            // A room's history is the largest message of the chat.
            configuration.limits.messageBytes = 2 * 1024 * 1024
            // The session keeps what is typed: what it asks is for this connection, after the room is entered.
            configuration.sockets.offlineBuffer = .none
        }
        socket = manager.socket()
        listen()
    }

    // MARK: What happens

    /// Handlers come first, the connection second: no early event is missed.
    private func listen() {
        socket.onConnect { [inbox] in inbox.put(.connected) }
        socket.onConnectError { [inbox, weak socket] error in
            // Here and not where `connect` throws it: one who comes back may be refused, too.
            if error.code == .refused { return inbox.put(.refused(error.message)) }
            // If it is not tried again, `connect` throws it.
            if socket?.isActive == true { inbox.put(.attemptFailed(error.message)) }
        }
        socket.onDisconnect { [inbox] reason, error in
            switch reason {
            case .serverDisconnect: inbox.put(.putOut)
            case .clientDisconnect, .forcedClose: break  // by ourselves
            case .pingTimeout: inbox.put(.connectionLost("the server is not heard any more"))
            case .transportClose: inbox.put(.connectionLost("the server, or the network, has closed it"))
            case .transportError, .parseError: inbox.put(.connectionLost(error?.message ?? reason.description))
            }
        }
        socket.on(.welcome) { [inbox] welcome in inbox.hear(.welcome(welcome)) }
        socket.on(.message) { [inbox] message in inbox.hear(.message(message)) }
        socket.on(.whisper) { [inbox] message in inbox.hear(.whisper(message)) }
        socket.on(.people) { [inbox] change in inbox.hear(.people(change)) }
        socket.on(.rooms) { [inbox] change in inbox.hear(.rooms(change)) }
        socket.on(.announcement) { [inbox] announcement in inbox.hear(.announcement(announcement)) }
        socket.on(.removed) { [inbox] words in inbox.hear(.removed(words)) }
        manager.onHandlerError { [inbox] error, _ in
            // What is asked without a connection is dropped, which `ask` tells.
            if (error as? ClientError)?.code == .offlineBufferFull { return }
            inbox.hear(.unknown("\(error)"))
        }
    }

    // MARK: What is asked

    /// Comes into the chat; what becomes of it is told to `onConnect` and `onConnectError`.
    func connect(as name: String) {
        socket.disconnect()
        socket.setAuth(Login(name: name, key: key))
        limitWait()
    }

    /// Waits for the connection that is being made, and gives it up when there is no more patience.
    func limitWait() {
        Task { [socket, patience, inbox] in
            do throws(ClientError) {
                try await socket.connect(timeout: patience)
            } catch {
                switch error.code {
                case .refused: break  // told already
                case .closed, .cancelled: break  // by ourselves
                default: inbox.put(.gaveUp(error.message))
                }
            }
        }
    }

    func ask(_ question: Session.Question) {
        Task { [socket, inbox] in
            do throws(AckError) {
                inbox.put(.answer(try await Self.answer(to: question, by: socket)))
            } catch {
                switch error.code {
                // Nothing may wait for a connection, and no more than one question for its answer.
                case .tooManyPending: inbox.put(.answer(.notSent))
                case .disconnected: inbox.put(.answer(.none("\(error)", connectionLost: true)))
                case .timedOut, .undecodableReply, .unencodable, .cancelled:
                    inbox.put(.answer(.none("\(error)", connectionLost: false)))
                }
            }
        }
    }

    private static func answer(
        to question: Session.Question, by socket: ClientSocket
    ) async throws(AckError) -> Session.Answer {
        switch question {
        case .join(let room, let since):
            .entry(try await socket.emitWithAck(.join, room, since, timeout: answerTime))
        case .say(let room, let text):
            .receipt(try await socket.emitWithAck(.say, room, text, timeout: answerTime))
        case .whisper(let name, let text):
            .receipt(try await socket.emitWithAck(.sayInPrivate, name, text, timeout: answerTime))
        }
    }

    func leave(_ room: String) {
        socket.emit(.leave, room)
    }

    func close() async {
        await manager.close()
    }
}
