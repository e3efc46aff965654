import SocketIOWire

/// What one connection asks and what it is answered: as many different messages as it can have under way, in turn.
///
/// All requests have the same size, and so have all replies, before they are compressed; each names its connection and its
/// place, so that an answer to another connection, or in another order, is not taken for the right one.
struct Exchange {
    /// The messages of each request.
    private(set) var requests: [[Message]] = []
    /// The messages of each reply.
    private(set) var replies: [[Message]] = []
    /// What the streams get of each, where it is an event.
    private(set) var events: [[UInt8]] = []
    private let compressor: Compressor?

    init(_ plan: LoadPlan, connection: Int) {
        compressor = plan.target.compresses ? Compressor() : nil
        for slot in 0..<plan.slots {
            if plan.work == .events { events.append(Argument(plan.payload, connection: connection, slot: slot).chunk) }
            let (request, reply) = Self.messages(plan, connection: connection, slot: slot)
            switch plan.target.speech {
            case .socketIO, .version2:
                requests.append(request)
                replies.append(reply)
            case .raw:
                // Comes back as it is; of a broadcast, what the members get has the size.
                let message = plan.work == .broadcast ? reply : request
                requests.append(message)
                replies.append(message)
            }
        }
    }

    var requestRing: Ring { Ring(masked: requests, compressor) }
    var replyRing: Ring { Ring(plain: replies, compressor) }

    var eventRing: Ring { Ring(events) }

    private static func messages(
        _ plan: LoadPlan, connection: Int, slot: Int
    ) -> (request: [Message], reply: [Message]) {
        let argument = Argument(plan.payload, connection: connection, slot: slot)
        // As many digits for each, so that all requests are of one size.
        let id = 1000 + slot
        switch plan.work {
        case .echo, .polling, .connect, .idle:
            let echoed = argument.event(plan.payload.event ?? "echo")
            return (echoed, echoed)
        case .ack:
            return ([.text(#"42\#(id)["ack-string",\#(argument.json)]"#)], [.text("43\(id)[\(argument.json)]")])
        case .events:
            return ([.text(#"42\#(id)["publish",\#(argument.json)]"#)], [.text("43\(id)[true]")])
        case .joinLeave:
            let room = #""room \#(connection % max(plan.rooms, 1))""#
            return (
                [.text(#"42\#(id)["join",\#(room)]"#), .text(#"42\#(id)["leave",\#(room)]"#)],
                [.text("43\(id)[true]"), .text("43\(id)[true]")]
            )
        case .broadcast:
            return (
                [.text(#"42["bcast","\#(BroadcastLoad.room)",\#(argument.json)]"#)], argument.event("bcast")
            )
        }
    }
}

extension LoadPlan {
    /// How many different messages a connection sends in turn: no two that are under way at once are alike.
    var slots: Int {
        switch pace {
        // A batch over polling and the next one differ.
        case .eager, .lockstep: work == .polling ? inFlight * 2 : max(inFlight, 2)
        // Enough that a stall does not keep the next message from being sent when it is due.
        case .steady: max(inFlight * 4, 64)
        }
    }
}
