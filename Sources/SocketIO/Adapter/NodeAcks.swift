internal import SocketIOEvents
internal import Synchronization

/// The acknowledgements that another node asks this one's sockets for. That node is told how many there will be as soon as
/// all loops have said so, and then each as it comes.
final class NodeAcks: Sendable {
    private typealias Answer = (socket: SocketID, result: Result<AckReply, AckError>)

    private enum State {
        /// Loops have yet to say whom they have asked.
        case counting(loopsLeft: Int, Set<SocketID>, [Answer])
        /// What comes meanwhile must not overtake what is being told.
        case telling([Answer])
        case open
    }

    /// So long at most another node may have acknowledgements waited for.
    static let maxTime = Duration.seconds(3_600)

    private let request: ClusterRequest
    private let cluster: NamespaceCluster
    private let permit: InquiryPermit
    private let state: Mutex<State>

    init(_ request: ClusterRequest, of cluster: NamespaceCluster, _ permit: InquiryPermit, loops: Int) {
        self.request = request
        self.cluster = cluster
        self.permit = permit
        state = Mutex(.counting(loopsLeft: loops, [], []))
        if loops == 0 { tell(count: []) }
    }

    /// A loop asks these sockets.
    func asked(_ sockets: [SocketID]) {
        let all = state.withLock { state -> Set<SocketID>? in
            guard case .counting(let loopsLeft, var all, let answers) = state else { return nil }
            // Moved out, so that the set grows in place.
            state = .open
            all.formUnion(sockets)
            guard loopsLeft == 1 else {
                state = .counting(loopsLeft: loopsLeft - 1, all, answers)
                return nil
            }
            state = .telling(answers)
            return all
        }
        if let all { tell(count: all) }
    }

    /// A loop takes no more. No count is told: the node that asks is to know that somebody is missing.
    func refused() {
        let answers = state.withLock { state -> [Answer] in
            guard case .counting(_, _, let answers) = state else { return [] }
            state = .open
            return answers
        }
        for answer in answers { tell(answer) }
    }

    func settle(_ socket: SocketID, _ result: Result<AckReply, AckError>) {
        let isOpen = state.withLock { state in
            switch state {
            case .counting(let loopsLeft, let all, var answers):
                // Moved out, so that the list grows in place.
                state = .open
                answers.append((socket, result))
                state = .counting(loopsLeft: loopsLeft, all, answers)
                return false
            case .telling(var answers):
                state = .open
                answers.append((socket, result))
                state = .telling(answers)
                return false
            case .open: return true
            }
        }
        if isOpen { tell((socket, result)) }
    }

    private func tell(count sockets: Set<SocketID>) {
        cluster.respond(.asked(count: sockets.count, sockets: sockets), to: request)
        while true {
            let answers = state.withLock { state -> [Answer] in
                guard case .telling(let answers) = state, !answers.isEmpty else {
                    state = .open
                    return []
                }
                state = .telling([])
                return answers
            }
            guard !answers.isEmpty else { return }
            for answer in answers { tell(answer) }
        }
    }

    private func tell(_ answer: Answer) {
        let arguments = try? answer.result.get().arguments
        cluster.respond(.acknowledged(arguments, by: answer.socket), to: request)
    }
}
