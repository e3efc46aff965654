internal import NetLoop
internal import SocketIOWire

/// Whom a request waits for.
protocol HTTPExchangeOwner: AnyObject {
    /// The connection is gone before the response; nothing can be answered any more.
    func exchangeAborted(_ connection: HTTPConnection)
}

/// Who gets a request when its body is complete.
enum BodyTarget {
    case routes
    /// A session's POST, of a page of `origin`, where the answer says whether that may read it.
    case session(EngineSession, origin: String?)
    /// The node of its session.
    case node(ForwardedRequest)
}

/// Who has the request at hand, and hears what becomes of it.
enum HTTPRequestOwner {
    /// Nobody, or whoever answers it before anything else can happen.
    case nobody
    /// Its body is collected for them.
    case target(BodyTarget)
    /// Its body goes on as it arrives to a task that answers.
    case body(ArrivingBody)
    /// It waits for them.
    case waiter(any HTTPExchangeOwner)
    /// A task of the application answers.
    case task(Task<Void, any Error>)
    /// The body of its response is on its way.
    case stream(HTTPBodyStream)
    /// It is on its way to the shard of another loop.
    case shard(LoopBound<EngineShard>, HTTPRequestHead, EngineStep)

    /// The connection is gone, or going.
    func abort(_ connection: HTTPConnection) {
        switch self {
        case .target(.session(let session, origin: _)): session.exchangeAborted(connection)
        case .waiter(let waiter): waiter.exchangeAborted(connection)
        case .body(let body): body.abort()
        case .task(let task): task.cancel()
        case .stream(let stream): stream.abort()
        case .nobody, .target(.routes), .target(.node), .shard: break
        }
    }

    /// The client has closed its side, and may still read.
    func clientFinished() {
        switch self {
        case .body(let body): body.clientFinished()
        case .task(let task): task.cancel()
        case .stream(let stream): stream.clientFinished()
        case .nobody, .target, .waiter, .shard: break
        }
    }

    /// The request is refused: a body over the limit leaves its session as it was (Protocol.md 1.4).
    func refuse(_ failure: HTTPFailure, _ connection: HTTPConnection) {
        switch self {
        case .target(.session(let session, origin: _)) where failure.status == 413: session.bodyRefused(connection)
        case .nobody, .target, .body, .waiter, .task, .stream, .shard: abort(connection)
        }
    }

    /// How much of the body of its answer is on its way.
    var sentByteCount: Int {
        switch self {
        case .stream(let stream): stream.byteCount
        case .nobody, .target, .body, .waiter, .task, .shard: 0
        }
    }

    /// What its session adds to the answer to a request that is refused.
    var corsFields: [HTTPField] {
        switch self {
        case .target(.session(let session, let origin)): session.corsFields(to: origin)
        case .target(.node(let request)): request.corsFields
        case .nobody, .target(.routes), .body, .waiter, .task, .stream, .shard: []
        }
    }
}
