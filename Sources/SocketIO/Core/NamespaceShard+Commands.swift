internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// What is asked of the sockets of one loop.

extension NamespaceShard {
    func perform(_ command: LoopCommand) {
        switch command {
        case .perform(.broadcast(let packet, let selection, let options), let number):
            broadcast(packet, to: selection, options, number)
            if isOverheard { tellSent(packet, to: selection) }
        case .perform(.join(let rooms, let selection), number: _):
            for core in members(of: selection) { core.join(rooms) }
        case .perform(.leave(let rooms, let selection), number: _):
            for core in members(of: selection) { core.leave(rooms) }
        case .perform(.disconnect(let selection, let closesConnection), number: _):
            for core in members(of: selection) where core.isConnected {
                core.disconnectNow(closingConnection: closesConnection)
            }
        case .request(let packet, let selection, let options, let acks):
            sending(options, to: selection) { request(packet, of: selection, options, acks) }
            tellSent(packet, to: selection)
        case .miss(let selection, let acks):
            miss(selection, acks)
        case .find(let selection, let search):
            search.found(members(of: selection).filter(\.isConnected).map { RemoteSocket($0.socket) })
        case .end:
            end()
        }
    }

    /// Sends a packet that is framed once to every socket of the selection.
    private func broadcast(
        _ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions, _ number: UInt64?
    ) {
        guard options.isDisjoint(with: [.latest, .uncompressed]) else {
            return broadcastOtherwise(packet, to: selection, options, number)
        }
        if server.writesInPlace {
            var message = SharedMessage(packet.text, on: loop)
            guard isVisitedWhole(selection) else {
                var count = 0
                forEach(in: selection) {
                    $0.send(&message, packet.attachments, options)
                    count &+= 1
                }
                return noteSent(count)
            }
            forEach(in: selection) { $0.send(&message, packet.attachments, options) }
            return noteSent(visited)
        }
        var (text, position): ([UInt8], Int?) = (packet.text, nil)
        if let recovery = server.recovery {
            guard !recovery.isAcrossNodes else { return broadcastPassing(packet, to: selection, options) }
            let audience = RecoveryAudience(namespace: namespace.number, target: .selection(selection))
            (text, position) = recovery.keep(packet, options, for: audience, number: number)
        }
        var sender = BroadcastSender(EncodedPacket(text: text, attachments: packet.attachments), server)
        forEach(in: selection) { core in
            sender.send(to: core, options)
            if let position, core.isConnected { core.noteKept(at: position) }
        }
    }

    /// The same in a way that few are sent in.
    private func broadcastOtherwise(
        _ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions, _ number: UInt64?
    ) {
        sending(options, to: selection) {
            if options.contains(.latest) {
                broadcastLatest(packet, to: selection, options)
            } else {
                broadcast(packet, to: selection, options.subtracting(.uncompressed), number)
            }
        }
    }

    /// Runs `body`, which sends to the sockets of the selection, and runs no code of the application.
    func sending(_ options: EmitOptions, to selection: BroadcastSelection, _ body: () -> Void) {
        guard options.contains(.uncompressed), server.engine.compresses else { return body() }
        forEach(in: selection) { $0.session.holdUncompressed() }
        server.engine.uncompressed(body)
    }

    /// The same, where whoever cannot take it now has it later.
    private func broadcastLatest(
        _ packet: EncodedPacket, to selection: BroadcastSelection, _ options: EmitOptions
    ) {
        let name = packet.writtenEventName
        var sender = PassingSender(packet, server)
        forEach(in: selection) { core in
            guard core.isConnected else { return }
            if core.mustKeepLatest {
                core.keepLatest(packet, name: name)
            } else {
                sender.send(to: core, options)
            }
        }
    }

    /// The same, where the sockets are to answer. One that the packet is not sent to is not waited for, and missing.
    private func request(
        _ packet: EncodedPacket, of selection: BroadcastSelection, _ options: EmitOptions, _ acks: BroadcastAcks
    ) {
        var sender = BroadcastSender(packet, server)
        if case .messagePack(nil) = sender { return miss(selection, acks) }
        let members = members(of: selection).filter(\.isConnected)
        let isAwaited = acks.sent(
            to: members.map { BroadcastAcks.Expected(id: $0.id, socket: LoopBound($0.socket, on: loop)) })
        for core in members {
            if isAwaited {
                guard core.accepts(options) else {
                    acks.settle(core.id, .failure(AckError(.disconnected)))
                    continue
                }
                // Over the limit of pending ones it is settled already, and missing.
                guard core.expectAck(acks.id, .broadcast(acks, core.id), timeout: acks.timeout) else { continue }
            }
            sender.send(to: core, options)
        }
    }

    /// Says who will not answer, because what was to be sent cannot be encoded.
    private func miss(_ selection: BroadcastSelection, _ acks: BroadcastAcks) {
        let members = members(of: selection).filter(\.isConnected)
        let isAwaited = acks.sent(
            to: members.map { BroadcastAcks.Expected(id: $0.id, socket: LoopBound($0.socket, on: loop)) })
        guard isAwaited else { return }
        for core in members { acks.settle(core.id, .failure(AckError(.unencodable))) }
    }

    /// The namespace has ended: so do its sockets, and this part of it.
    private func end() {
        for socket in allSockets { SocketCore(socket).disconnectNow(closingConnection: false) }
        server.remove(self)
        withExtendedLifetime(takeHandlers()) {}
    }
}

/// A packet that goes to many, in the form that they understand.
enum BroadcastSender {
    case text(SharedMessage, attachments: [[UInt8]])
    /// Nil if it cannot be MessagePack.
    case messagePack([UInt8]?)

    init(_ packet: EncodedPacket, _ server: ServerShard) {
        self =
            server.isMessagePack
            ? .messagePack(server.messagePack(packet))
            : .text(SharedMessage(packet.text, on: server.loop), attachments: packet.attachments)
    }

    mutating func send(to core: SocketCore, _ options: EmitOptions) {
        switch self {
        case .text(var message, let attachments):
            core.send(&message, attachments, options)
            core.shard.noteSent()
            self = .text(message, attachments: attachments)
        case .messagePack(let bytes):
            if let bytes { core.send(messagePack: bytes, options) }
        }
    }
}
