internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// CONNECT and its answers (Protocol.md 5).

extension ClientSocketCore {
    /// The manager has a connection.
    func connectionOpened() {
        if problem == nil, link.connectionOpened() { prepare() }
    }

    /// Asks for what goes with CONNECT, and sends both.
    private func prepare() {
        let join = beginJoin()
        rearm()
        switch auth {
        case .none: sendConnect([])
        case .value(.success(let bytes)): sendConnect(bytes)
        case .value(.failure(let error)):
            refuseSoon(error)
        case .function(let function): ask(function, join)
        }
    }

    private func ask(_ function: @escaping @Sendable () async throws -> [UInt8], _ join: Int) {
        let core = LoopBound(self, on: loop)
        // It begins at once, and is the application's, which may leave the namespace in it.
        callouts.add { [self] in
            guard isPreparing(join) else { return }
            let task = loop.startTask {
                let result: Result<[UInt8], ClientError>
                do {
                    result = .success(try await function())
                } catch let error as ClientError {
                    result = .failure(error)
                } catch {
                    result = .failure(ClientError(.invalidAuth, "auth failed: \(error)", cause: error))
                }
                core.loop.post(AuthArrived(core: core, join: join, result: result))
            }
            if isPreparing(join) { asking = task } else { task.cancel() }
        }
    }

    /// Nobody waits for what `auth` returns any more.
    func stopAsking() {
        guard let asking else { return }
        self.asking = nil
        // What it does when it is cancelled is the application's.
        callouts.add { asking.cancel() }
    }

    fileprivate func authArrived(_ result: Result<[UInt8], ClientError>, join: Int) {
        guard isPreparing(join) else { return }
        callouts.begin()
        defer { callouts.end() }
        asking = nil
        switch result {
        case .success(let bytes): sendConnect(bytes)
        case .failure(let error): refused(error)
        }
    }

    private func sendConnect(_ auth: [UInt8]) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        writer.appendPacketHead(.connect, namespace: wireName)
        link.appendConnectPayload(auth: auth, to: writer)
        let packet: OutgoingPacket
        do throws(ProtocolViolation) {
            packet = try manager.packet(writer.array())
        } catch {
            return refuseSoon(ClientError(.invalidAuth, "auth cannot be sent: it makes \(error.detail)"))
        }
        link.connectSent(
            now: loop.now, timeout: manager.configuration.connectTimeout, mayCross: manager.wasLeft(namespace))
        rearm()
        manager.send(packet)
    }

    func sendHead(_ type: PacketType) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        writer.appendPacketHead(type, namespace: wireName)
        // A head alone can be written by any parser.
        if let packet = try? manager.packet(writer.array()) { manager.send(packet) }
    }

    // MARK: Answers

    func receiveConnect(_ payload: Span<UInt8>) throws(ProtocolViolation) {
        let reply = try ConnectReply(parsing: payload)
        switch try link.receiveConnected(reply) {
        case .joined(let isRecovered):
            manager.namespaceAnswered(namespace)
            joined(reply, isRecovered: isRecovered)
        case .refused: break
        case .late(let isWanted):
            // It was left, and the server is told as soon as it can be.
            sendHead(.disconnect)
            manager.namespaceAnswered(namespace)
            manager.namespaceLeft(namespace)
            goOn(isWanted: isWanted)
        }
    }

    func receiveConnectError(_ payload: Span<UInt8>) throws(ProtocolViolation) {
        let refusal = try ConnectRefusal(parsing: payload)
        let error = ClientError(
            .refused, refusal.message,
            cause: ConnectionRefused(refusal.message, data: refusal.data.isNull ? nil : refusal.data))
        receive(try link.receiveRefusal(), error)
    }

    func receiveDisconnect() {
        switch link.receiveDisconnect() {
        case .joined:
            tellDisconnected(because: .serverDisconnect, nil)
            end(wasJoined: true)
        case .answered(let answer):
            receive(answer, ClientError(.refused, "the server disconnected \(namespace)"))
        case .nothing: break
        }
    }

    private func receive(_ refusal: NamespaceLink.Answer, _ error: ClientError) {
        manager.namespaceAnswered(namespace)
        switch refusal {
        case .refused, .joined: refused(error)
        case .late(let isWanted): goOn(isWanted: isWanted)
        }
    }

    /// The answer is there that was in the way of everything else.
    private func goOn(isWanted: Bool) {
        rearm()
        if isWanted { prepare() } else { manager.forget(self) }
    }

    private func joined(_ reply: ConnectReply, isRecovered: Bool) {
        guard let socket = handle else { return }
        rearm()
        joinSucceeded()
        socket.update { status in
            status = ClientSocket.Status(
                id: SocketID(reply.socketID), isConnected: true, isActive: true, isRecovered: isRecovered)
        }
        let join = joinCount
        for event in early.takeAll() {
            callouts.add { [self] in
                guard isIn(join) else { return }
                dispatch(event.event, event.text.span, event.attachments, event.id, socket)
            }
        }
        for packet in offline.takeAll() { transmit(packet) }
        advanceRetries()
        tellJoined(socket)
    }
}

/// What goes with CONNECT is there.
private struct AuthArrived: LoopMessage {
    let core: LoopBound<ClientSocketCore>
    let join: Int
    let result: Result<[UInt8], ClientError>

    func deliver(on loop: EventLoop) {
        core.value.authArrived(result, join: join)
    }
}
