public import SocketIOEvents

// Handlers of any event: what a log, or a check of what travels, has instead of a handler for each name.

extension Socket {
    /// Calls `handler` for every event, before the event's own handlers and behind those registered earlier; nothing is
    /// acknowledged by it. The namespace's are called first.
    @discardableResult
    public func onAny(
        _ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void
    ) -> EventSubscription {
        let handler = CatchAllHandler(handler)
        return add(handler, .append(handler), .incoming)
    }

    /// Calls `handler` for every event as `onAny` does, but before those that this socket has registered earlier.
    @discardableResult
    public func prependAny(
        _ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void
    ) -> EventSubscription {
        let handler = CatchAllHandler(handler)
        return add(handler, .prepend(handler), .incoming)
    }

    /// Removes what `onAny` and `prependAny` have registered on this socket; one of them has `cancel()` for that. The
    /// namespace's stay.
    public func offAny() {
        perform(.changeCatchAll(.removeAll, .incoming))
    }

    /// Calls `handler` for every event that is sent to this socket, also by a broadcast, on the socket's event loop.
    ///
    /// It is called once the event has been handed on, and also for a volatile one that is dropped then. Acknowledgements
    /// are no events. With `PacketParser.msgpack` it also hears of one that cannot be written, which the log tells. An event that nests deeper than `limits.jsonDepth` is sent, but not told.
    ///
    /// ```swift
    /// socket.onAnyOutgoing { name, arguments in print("sent", name, arguments) }
    /// ```
    /// While a socket of a namespace has such a handler, all that is emitted to sockets of its event loop there is written
    /// apart before it is sent, as with recovery: this is for looking at few sockets, and costs nothing where nobody does.
    @discardableResult
    public func onAnyOutgoing(
        _ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void
    ) -> EventSubscription {
        let handler = CatchAllHandler(handler)
        return add(handler, .append(handler), .outgoing)
    }

    /// Calls `handler` for every event that is sent as `onAnyOutgoing` does, but before those registered earlier.
    @discardableResult
    public func prependAnyOutgoing(
        _ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void
    ) -> EventSubscription {
        let handler = CatchAllHandler(handler)
        return add(handler, .prepend(handler), .outgoing)
    }

    /// Removes what `onAnyOutgoing` and `prependAnyOutgoing` have registered; one of them has `cancel()` for that.
    public func offAnyOutgoing() {
        perform(.changeCatchAll(.removeAll, .outgoing))
    }

    private func add(
        _ handler: CatchAllHandler, _ change: CatchAllHandlers.Change, _ direction: CatchAll.Direction
    ) -> EventSubscription {
        perform(.changeCatchAll(change, direction))
        let id = handler.id
        return EventSubscription { [weak self, weak handler] in
            // Another thread may have registered it, from where it has not arrived yet.
            handler?.cancel()
            self?.perform(.changeCatchAll(.remove(id: id), direction))
        }
    }
}
