internal import NetLoop
internal import SocketIOWire

/// A request of a client for a session of another node. An object, because each connection has room for what it waits for.
final class ForwardedRequest {
    let head: HTTPRequestHead
    /// Where it comes from.
    let source: RequestSource
    let tag: NodeTag
    let forwarder: NodeForwarder
    private let cors: CORSPolicy

    /// So much more than its limits a node takes of a head: what another one may add that passes it on, which is where it comes
    /// from, with the secret, and a length.
    static let room = (bytes: 1_024, headers: 2)

    init(
        _ head: HTTPRequestHead, from source: RequestSource, to tag: NodeTag, over forwarder: NodeForwarder,
        cors: CORSPolicy
    ) {
        self.head = head
        self.source = source
        self.tag = tag
        self.forwarder = forwarder
        self.cors = cors
    }

    /// It is whole.
    func begin(_ body: [UInt8], on client: HTTPConnection) {
        ForwardedExchange(self, body, on: client).begin()
    }

    /// What the answer says where it is refused before it is whole.
    var corsFields: [HTTPField] { cors.responseFields(origin: head.fields["origin"]) }
}

extension EngineShard {
    /// Passes a request on if its session is of another node. False if it belongs here.
    func forward(_ head: HTTPRequestHead, on connection: HTTPConnection) -> Bool {
        guard let forwarder else { return false }
        let (tag, proof) = (forwarder.node.tag, forwarder.node.proof)
        switch proof.claim(of: head) {
        case .none: break
        case .wrong: forwarder.node.log.wrongSecret.note(connection.connection.peer.description, on: loop)
        // Once is enough: whose session it is, if not of this node, nobody knows.
        case .proven: return false
        }
        guard case (let id?, 1) = head.query.occurrences(of: "sid"), let other = NodeTag(ofSession: id), other != tag
        else { return false }
        let limits = HTTPLimits(
            lineAndHeaderBytes: configuration.limits.headerBytes, headerCount: configuration.limits.headerCount)
        let source = source(of: head, on: connection.connection)
        // What is added may be more than the other node takes, which would close the connection that all share: beside the proof
        // that is its name and a length.
        let added = proof.value(for: source).utf8.count + 64
        guard limits.allow(head), httpLimits.message.allow(head, adding: added) else {
            connection.respond(withCORS(.status(431), head), closing: true)
            return true
        }
        let request = ForwardedRequest(head, from: source, to: other, over: forwarder, cors: configuration.cors)
        connection.collectBody(of: head, for: .node(request))
        return true
    }
}
