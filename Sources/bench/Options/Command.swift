/// What `bench` can be asked to do.
enum Command: String, CaseIterable {
    case serve
    case echo
    case ack
    case broadcast
    case connect
    case idle
    case polling
    case events
    case joinLeave = "join-leave"
    case cluster
    case client
    case codec
    case instructions
    case scaling
    case compare
    case all
    case load
    case codecLoop = "codec-loop"
    case scalingLoop = "scaling-loop"
    case floorServe = "floor-serve"
    case clientLoad = "client-load"

    /// What follows the name.
    var operands: String {
        switch self {
        case .instructions: " FILE"
        case .scaling: " [NAME…]"
        case .compare: " BINARY_A BINARY_B"
        case .serve, .echo, .ack, .broadcast, .connect, .idle, .polling, .events, .joinLeave, .cluster, .client, .codec,
            .all,
            .load, .codecLoop, .scalingLoop, .floorServe, .clientLoad:
            ""
        }
    }

    /// One line for the help; nil for what only other commands start.
    var summary: String? {
        switch self {
        case .serve: "be the server under test"
        case .echo: "events that are sent back; next to the floor, a bare WebSocket echo"
        case .ack: "events that are acknowledged; next to echo and the floor"
        case .broadcast: "events to a room of all connections; in flight are broadcasts; next to the floor"
        case .connect: "connections that open and close, so many at once (16); next to the floor"
        case .idle: "memory and CPU of connections (10000) that do nothing but answer heartbeats (25 s)"
        case .polling: "echo over long-polling"
        case .events: "server-sent events to all connections but the one that asks for them"
        case .joinLeave: "joining a room and leaving it again"
        case .cluster: "events to a room whose members are on another node, through Redis"
        case .client:
            "this project's client: one process with 1, 100 and 1000 sockets, echo and acknowledgements; memory of idle ones"
        case .codec: "JSON, packets and frames without a socket; next to Foundation's JSON"
        case .instructions: "instructions of the hot paths, which fail if they are 5 % over those in FILE"
        case .scaling:
            "instructions of what can be made large, among n and 8 n; fails where the cost of one grows by 30 %"
        case .compare: "two builds of bench in turn, at the work that --work names"
        case .all: "the table of the article Figures, in Markdown; further rows with --compress, --events, --version-2"
        case .load, .codecLoop, .scalingLoop, .floorServe, .clientLoad: nil
        }
    }

    /// The load that is measured; nil for commands that are something else.
    var work: Work? {
        switch self {
        case .echo: .echo
        case .ack: .ack
        case .broadcast: .broadcast
        case .connect: .connect
        case .idle: .idle
        case .polling: .polling
        case .events: .events
        case .joinLeave: .joinLeave
        case .serve, .cluster, .client, .codec, .instructions, .scaling, .compare, .all, .load, .codecLoop,
            .scalingLoop,
            .floorServe,
            .clientLoad:
            nil
        }
    }
}
