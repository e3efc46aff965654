/// What has something to do before a turn's output is sent.
package protocol TurnEndTarget: AnyObject {
    func turnEnds()
}

/// What is left for the end of a loop's turn, where no code of the application is under way: who has something to do then,
/// and who is to be told that its connection is lost.
final class TurnEnd {
    // Plain flags, because every turn asks for them.
    private(set) var hasTargets = false
    private(set) var hasLosses = false
    private var targets: [any TurnEndTarget] = []
    /// Connections that turned out to be broken while they sent.
    private var lost: [(connection: TCPConnection, reason: TCPConnection.LossReason)] = []

    /// Calls `target` once.
    func call(_ target: any TurnEndTarget) {
        targets.append(target)
        hasTargets = true
    }

    /// Has `connection` tell its handler.
    func note(lossOf connection: TCPConnection, because reason: TCPConnection.LossReason) {
        lost.append((connection, reason))
        hasLosses = true
    }

    func callTargets() {
        hasTargets = false
        while !targets.isEmpty {
            let batch = targets
            targets = []
            for target in batch { target.turnEnds() }
        }
    }

    func reportLosses() {
        hasLosses = false
        while !lost.isEmpty {
            let batch = lost
            lost = []
            for (connection, reason) in batch { connection.reportLoss(reason) }
        }
    }

    /// Nobody is called or told any more.
    func forgetAll() {
        let ended = (targets, lost)
        targets = []
        hasTargets = false
        lost = []
        hasLosses = false
        // What ends here may run code of the application.
        withExtendedLifetime(ended) {}
    }
}
