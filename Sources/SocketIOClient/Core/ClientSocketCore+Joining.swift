internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// CONNECT and its answers (Protocol.md 5).

extension ClientSocketCore {
    /// The manager has a connection.
    func connectionOpened() {
        guard link.connectionOpened(now: loop.now, timeout: manager.configuration.connectTimeout) else { return }
        joinCount += 1
        rearm()
        switch auth {
        case .none: sendConnect([])
        case .value(.success(let bytes)): sendConnect(bytes)
        case .value(.failure(let error)): refused(error)
        case .function(let function): sendConnect(askedFrom: function)
        }
    }

    private func sendConnect(askedFrom function: @escaping @Sendable () async throws -> [UInt8]) {
        let join = joinCount
        let core = LoopBound(self, on: loop)
        loop.start {
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
    }

    fileprivate func authArrived(_ result: Result<[UInt8], ClientError>, join: Int) {
        guard join == joinCount, link.isJoining else { return }
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
        manager.send(writer.array().span)
    }

    func sendHead(_ type: PacketType) {
        let writer = ByteWriter()
        writer.append(EnginePacketType.message.rawValue)
        writer.appendPacketHead(type, namespace: wireName)
        manager.send(writer.array().span)
    }

    func joined(_ reply: ConnectReply, isRecovered: Bool) {
        guard let socket = handle else { return }
        rearm()
        lastError = nil
        socket.update { status in
            status = ClientSocket.Status(
                id: SocketID(reply.socketID), isConnected: true, isActive: true, isRecovered: isRecovered)
        }
        for event in early.takeAll() where link.isJoined {
            dispatch(event.event, event.text.span, event.attachments, event.id, socket)
        }
        // A handler may have left again, and has told whoever waits.
        guard link.isJoined else { return }
        for packet in offline.takeAll() { transmit(packet) }
        advanceRetries()
        notify(callbacks.connect, (), socket)
        settleWaiters(.success(()))
    }

    func refused(_ error: ClientError) {
        _ = link.leave()
        let socket = handle
        ended(nil)
        if let socket { notify(callbacks.connectError, error, socket) }
        settleWaiters(.failure(error))
    }
}

/// The asynchronous `auth` is there.
private struct AuthArrived: LoopMessage {
    let core: LoopBound<ClientSocketCore>
    let join: Int
    let result: Result<[UInt8], ClientError>

    func deliver(on loop: EventLoop) {
        core.value.authArrived(result, join: join)
    }
}
