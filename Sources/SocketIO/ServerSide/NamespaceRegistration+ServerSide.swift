public import SocketIOEvents
internal import SocketIOWire

// Events from server to server, which no client sees.

extension NamespaceRegistration {
    /// Sends an event to the namespace of this name on all other nodes, where `onServerSideEmit` handles it; nothing happens
    /// without an adapter.
    ///
    /// ```swift
    /// io.serverSideEmit("cache cleared", "users")
    /// ```
    /// Encoded before it returns; what cannot be encoded is logged, and nothing is sent. What one thread sends arrives in
    /// that order, on each node.
    public func serverSideEmit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        registrationNamespace.sendToServers(name.description, repeat each arguments)
    }

    /// Sends an event whose name is known at run time only; see the form with a literal.
    @_disfavoredOverload
    public func serverSideEmit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        registrationNamespace.sendToServers(name, repeat each arguments)
    }

    /// Sends a declared event to all other nodes.
    public func serverSideEmit<each Argument>(
        _ event: Event<repeat each Argument>, _ arguments: repeat each Argument
    ) {
        registrationNamespace.sendToServers(event.name.description, repeat each arguments)
    }

    /// Sends an event to all other nodes, and returns what their handlers return.
    ///
    /// ```swift
    /// let counts = await io.serverSideEmitWithAck("orders in work", replying: Int.self)
    /// print(counts.replies.reduce(0, +), counts.isComplete)
    /// ```
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - replying: The type of a reply, where the result does not say it.
    ///   - timeout: How long the nodes may take; 5 seconds by default.
    /// - Returns: The replies, and who did not give one; a timeout alone is no error.
    public func serverSideEmitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, replying: Reply.Type = Reply.self,
        timeout: Duration = .seconds(5)
    ) async -> ServerReplies<Reply> {
        await registrationNamespace.askServers(name.description, repeat each arguments, timeout: timeout)
    }

    /// Sends a declared request to all other nodes, and returns the replies.
    public func serverSideEmitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(5)
    ) async -> ServerReplies<Reply> {
        await registrationNamespace.askServers(request.name.description, repeat each arguments, timeout: timeout)
    }
}

/// What the other nodes answered to an event for servers.
public struct ServerReplies<Reply: Sendable>: Sendable {
    /// The replies, in the order in which they came.
    public let replies: [Reply]
    /// The nodes that gave none in time, as far as the adapter knows who there is.
    public let missingNodes: Set<NodeID>
    /// Whether each of the other nodes gave a reply of this type.
    public let isComplete: Bool
}

extension ServerReplies where Reply: Decodable {
    fileprivate init(_ answers: [ClusterAnswers]) {
        var given: [AckReply] = []
        for answer in answers {
            for case .reply(let arguments) in answer.responses { given.append(AckReply(arguments)) }
        }
        // One of another type is none.
        replies = given.compactMap { try? $0.decode(as: Reply.self) }
        missingNodes = answers.reduce(into: []) { $0.formUnion($1.missingNodes) }
        isComplete = replies.count == given.count && answers.allSatisfy(\.isComplete)
    }

    fileprivate static var none: ServerReplies { ServerReplies(replies: [], missingNodes: [], isComplete: false) }
}

/// Node keeps these for what it tells its own listeners: sent to a Node server, they would be taken for that.
private func checkServerSide(_ name: String) throws(ReservedEventName) -> EventName {
    let name = try EventName(checking: name)
    if name == "connection" || name == "new_namespace" { throw ReservedEventName(name.description) }
    return name
}

extension Namespace {
    fileprivate func sendToServers<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        do {
            let name = try checkServerSide(name)
            for namespace in meant where context.isClustered {
                guard let event = ClusterEvent(try namespace.packet(name, repeat each arguments)) else { continue }
                namespace.cluster.publish(.serverSideEmit(event))
            }
        } catch {
            context.logEncodingFailure(error, name)
        }
    }

    fileprivate func askServers<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration
    ) async -> ServerReplies<Reply> {
        var inquiries: [ClusterInquiry] = []
        do {
            let name = try checkServerSide(name)
            // Encoded for all before any is asked: who is asked is waited for.
            var events: [(Namespace, ClusterEvent)] = []
            for namespace in meant {
                guard let event = ClusterEvent(try namespace.packet(name, repeat each arguments)) else { continue }
                events.append((namespace, event))
            }
            for (namespace, event) in events {
                inquiries.append(namespace.askOthers { .serverSideEmit(event, request: $0) })
            }
        } catch {
            context.logEncodingFailure(error, name)
            return .none
        }
        let deadline = ContinuousClock.now.advanced(by: timeout.bounded)
        var answers: [ClusterAnswers] = []
        for inquiry in inquiries {
            answers.append(
                await inquiry.answers(within: ContinuousClock.now.duration(to: deadline), on: context.loops))
        }
        return ServerReplies(answers)
    }
}
