internal import NetLoop
internal import SocketIOEvents

/// What another node asks of this one that no loop can answer by itself. Every namespace has one loop where such things
/// happen, in the order in which they came.
struct NodeInquiry: LoopMessage {
    enum Question: Sendable {
        case find(BroadcastSelection, ClusterRequest, InquiryPermit)
        case serverSideEmit(ClusterEvent, ClusterRequest?)
    }

    let namespace: Namespace
    let question: Question

    /// What waits for a loop that does not get to it.
    var byteCount: Int {
        switch question {
        case .find(let selection, _, _): 128 + selection.byteCount
        case .serverSideEmit(let event, _): event.byteCount
        }
    }

    func deliver(on loop: EventLoop) {
        switch question {
        case .find(let selection, let request, let permit):
            let namespace = namespace
            loop.start {
                let found = await namespace.find(selection).results(within: .seconds(5))
                // What some have is no answer: the node that asks is to know that somebody is missing.
                if found.isComplete {
                    namespace.cluster.respond(.sockets(found.map { ClusterSocket($0) }), to: request)
                }
                withExtendedLifetime(permit) {}
            }
        case .serverSideEmit(let event, let request):
            namespace.handle(event, asking: request.map { ServerSideAck($0, of: namespace.cluster) }, on: loop)
        }
    }
}

extension Namespace {
    /// Has the namespace's loop see to it; dropped while the server does not listen.
    func postAtHome(_ question: NodeInquiry.Question) {
        let inquiry = NodeInquiry(namespace: self, question: question)
        let shards = context.shards
        guard !shards.isEmpty else { return }
        let loop = shards[number % shards.count].loop
        // Also on the loop's own thread behind what came before.
        if !loop.post(inquiry) { context.noteDrop(on: loop) }
    }
}
