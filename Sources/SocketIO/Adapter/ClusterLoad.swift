internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// What a server holds for the sake of other nodes, all namespaces together (Protocol.md 6).
final class ClusterLoad: Sendable {
    /// Requests of this node that wait for answers.
    let requests: Allowance
    /// What has been answered to them, in bytes.
    let answerBytes: Allowance
    /// Requests of others that are being answered.
    let inquiries: Allowance

    init(_ limits: SocketIOServer.Limits) {
        requests = Allowance(limits.clusterRequests)
        answerBytes = Allowance(limits.clusterAnswerBytes)
        inquiries = Allowance(limits.clusterRequests)
    }
}

/// A request of another node that is being answered, for as long as this is held.
final class InquiryPermit: Sendable {
    private let load: ClusterLoad

    /// Nil if too many are.
    init?(_ load: ClusterLoad) {
        guard load.inquiries.take(1) else { return nil }
        self.load = load
    }

    deinit {
        load.inquiries.give(back: 1)
    }
}

/// What one client has missed: it counts for as long as this is held.
package final class MissedLoad: Sendable {
    private let all: Allowance
    private let own = Atomic<Int>(0)

    /// - Parameter all: What all clients have missed that come back at once.
    package init(of all: Allowance) {
        self.all = all
    }

    deinit {
        all.give(back: own.load(ordering: .relaxed))
    }

    package var byteCount: Int { own.load(ordering: .relaxed) }

    /// False, and nothing is taken, if that would be too much.
    package func take(_ bytes: Int) -> Bool {
        guard all.take(bytes) else { return false }
        own.wrappingAdd(bytes, ordering: .relaxed)
        return true
    }
}

/// So much of something. Any thread.
package final class Allowance: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    package init(_ limit: Int) {
        self.limit = limit
    }

    /// False, and nothing is taken, if that would be too much.
    func take(_ amount: Int) -> Bool {
        let used = used.wrappingAdd(amount, ordering: .relaxed).newValue
        guard used > limit else { return true }
        give(back: amount)
        return false
    }

    func give(back amount: Int) {
        used.wrappingSubtract(amount, ordering: .relaxed)
    }
}

extension ClusterResponse {
    /// About what it holds in memory.
    var byteCount: Int {
        switch self {
        case .sockets(let sockets): sockets.reduce(128) { $0 + $1.byteCount }
        case .reply(let arguments), .acknowledged(.some(let arguments), by: _):
            arguments.attachments.reduce(128 + arguments.json.count) { $0 + 32 + $1.count }
        case .acknowledged(nil, by: _): 128
        case .asked(count: _, let sockets): 128 + (sockets?.count ?? 0) * 2 * MemoryLayout<SocketID>.stride
        }
    }
}
