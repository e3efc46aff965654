internal import NetLoop
internal import SocketIOWire

/// What whoever mounts the server holds of a request: the request ends when nobody holds it any more.
final class MountedLink: Sendable {
    let exchange: LoopBound<MountedExchange>
    let output: LoopBound<ArrivingBody>

    /// - Parameter length: How the body of the request is sent.
    init(method: String, length: HTTPBodyLength, on loop: EventLoop) {
        let exchange = MountedExchange(method: method, length: length, on: loop)
        self.exchange = LoopBound(exchange, on: loop)
        output = LoopBound(ArrivingBody(from: exchange, on: loop), on: loop)
    }

    deinit {
        abort()
    }

    /// Who asked gives up.
    func abort() {
        tell(.abort(CancellationError()))
    }

    func tell(_ action: MountedStep.Action) {
        exchange.tell(action)
    }

    /// Sends what the client says after an upgrade. Whether there is room for more; a task that is cancelled gives the request
    /// up.
    func send(_ piece: [UInt8]) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in tell(.send(piece, continuation)) }
        } onCancel: {
            abort()
        }
    }
}

extension LoopBound<MountedExchange> {
    func tell(_ action: MountedStep.Action) {
        loop.post(MountedStep(exchange: self, action: action))
    }

    /// Sends the body of the request as it comes, in a task that does not hold the request.
    func beginBody<Body: AsyncSequence & Sendable>(_ body: Body) where Body.Element == [UInt8] {
        let pump = Task { await sendBody(body) }
        tell(.attend(pump))
    }

    private func sendBody<Body: AsyncSequence & Sendable>(_ body: Body) async where Body.Element == [UInt8] {
        do {
            // An empty piece would be the end.
            for try await piece in body where !piece.isEmpty {
                let hasRoom = await withCheckedContinuation { tell(.sendBody(piece, $0)) }
                guard hasRoom else { return }
            }
            tell(.endBody)
        } catch {
            tell(.failBody(error))
        }
    }
}

/// What a task asks of a request.
struct MountedStep: LoopMessage {
    enum Action: Sendable {
        case sendBody([UInt8], CheckedContinuation<Bool, Never>)
        case endBody
        case failBody(any Error)
        case attend(Task<Void, Never>)
        case send([UInt8], CheckedContinuation<Bool, Never>)
        case finish
        case abort(any Error)
    }

    let exchange: LoopBound<MountedExchange>
    let action: Action

    func deliver(on loop: EventLoop) {
        let exchange = exchange.value
        switch action {
        case .sendBody(let piece, let continuation): exchange.sendBody(piece, continuation)
        case .endBody: exchange.endBody()
        case .failBody(let error): exchange.failBody(because: error)
        case .attend(let pump): exchange.attend(to: pump)
        case .send(let piece, let continuation): exchange.send(piece, continuation)
        case .finish: exchange.finish()
        case .abort(let error): exchange.abort(because: error)
        }
    }
}
