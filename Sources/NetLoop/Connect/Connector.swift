/// A connection to a host on its way: looks the name up off the loop, tries the addresses, shakes hands where it is to
/// be secure, and ends with one connection or one error.
///
/// Everything on the loop's thread. Nobody needs to hold it: it lives until it is done or cancelled.
package final class Connector: PendingConnection {
    /// Called once, on the loop's thread and never from within `init`; not after `cancel`, nor once the loop has ended.
    ///
    /// The connection has no handler yet: give it one here.
    package typealias Completion = (Result<TCPConnection, ConnectError>) -> Void

    package let loop: EventLoop
    package let host: String
    package let port: UInt16

    private var dialer: Dialer
    /// Nil once it was called, or is not to be called any more.
    private var completion: Completion?
    private var lookup: Resolver.Lookup?
    private var attempts: [Int: ConnectionAttempt] = [:]
    /// Who the connection is to be secure with.
    private let tls: TLSContext?
    /// The connection while its TLS handshake is under way.
    private var securing: TCPConnection?
    private var timer: TimerID?
    /// What the timer is set for.
    private var timerDeadline: ContinuousClock.Instant?

    /// Starts to connect.
    ///
    /// - Parameters:
    ///   - host: A name, or a numeric address without brackets.
    ///   - tls: For a secure connection: a client's context.
    ///   - timeout: For everything, from looking the name up to the end of the TLS handshake.
    @discardableResult
    package convenience init(
        to host: String, port: UInt16, on loop: EventLoop, tls: TLSContext? = nil, timeout: Duration = .seconds(20),
        completion: @escaping Completion
    ) {
        self.init(
            to: host, port: port, on: loop, tls: tls, timeout: timeout, resolver: .shared, completion: completion)
    }

    @discardableResult
    init(
        to host: String, port: UInt16, on loop: EventLoop, tls: TLSContext? = nil, timeout: Duration = .seconds(20),
        resolver: Resolver, completion: @escaping Completion
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.completion = completion
        self.tls = tls
        dialer = Dialer(isSecured: tls != nil, timeout: timeout, now: loop.time)
        let bound = LoopBound(self, on: loop)
        if let addresses = Self.knownAddresses(of: host, port: port) {
            // With the next turn, so that the caller has the connector before it hears of it.
            loop.post(Resolved(connector: bound, outcome: .addresses(addresses)))
        } else {
            lookup = resolver.lookUp(host, port: port) { outcome in
                loop.post(Resolved(connector: bound, outcome: outcome))
            }
        }
        updateTimer()
    }

    /// What needs no question to anybody.
    private static func knownAddresses(of host: String, port: UInt16) -> [SocketAddress]? {
        // RFC 6761 6.3: always this machine.
        if host.lowercased() == "localhost" {
            return ["::1", "127.0.0.1"].compactMap { SocketAddress(host: $0, port: port) }
        }
        return SocketAddress(host: host, port: port).map { [$0] }
    }

    /// Gives up: everything opened is closed now, and `completion` is not called.
    package func cancel() {
        completion = nil
        end()
    }

    fileprivate func resolved(_ outcome: Resolver.Outcome) {
        lookup = nil
        switch outcome {
        case .addresses(let addresses): perform(dialer.resolved(addresses, now: loop.time))
        case .failure(let text): perform(dialer.resolutionFailed(text))
        }
    }

    fileprivate func attemptSucceeded(_ number: Int) {
        perform(dialer.connected(number: number))
    }

    fileprivate func attemptFailed(_ number: Int, _ error: SystemError) {
        attempts.removeValue(forKey: number)?.close()
        perform(dialer.failed(ConnectError.Reason(error), now: loop.time))
    }

    private func perform(_ action: Dialer.Action?) {
        var action = action
        while let current = action {
            action = nil
            switch current {
            case .dial(let address, let number): action = dial(address, number)
            case .use(let number): use(number)
            case .fail(let reason): fail(reason)
            }
        }
        updateTimer()
    }

    private func dial(_ address: SocketAddress, _ number: Int) -> Dialer.Action? {
        do throws(SystemError) {
            let attempt = try ConnectionAttempt(to: address, on: loop) { [unowned self] error in
                if let error { attemptFailed(number, error) } else { attemptSucceeded(number) }
            }
            attempts[number] = attempt
            return nil
        } catch {
            return dialer.failed(ConnectError.Reason(error), now: loop.time)
        }
    }

    private func use(_ number: Int) {
        guard let attempt = attempts.removeValue(forKey: number) else { return }
        let connection: TCPConnection
        do throws(SystemError) {
            connection = try attempt.takeConnection()
        } catch {
            return fail(.failed(error))
        }
        guard let tls else { return finish(.success(connection)) }
        closeAttempts()
        do throws(TLSError) {
            securing = connection
            connection.handler = self
            connection.startTLS(try tls.makeEngine(host: host))
        } catch {
            fail(.insecure(error))
        }
    }

    private func fail(_ reason: ConnectError.Reason) {
        finish(.failure(ConnectError(host: host, port: port, reason: reason)))
    }

    private func finish(_ result: Result<TCPConnection, ConnectError>) {
        let completion = completion
        self.completion = nil
        end()
        completion?(result)
    }

    private func end() {
        lookup?.cancel()
        lookup = nil
        closeAttempts()
        securing?.close()
        securing = nil
        dialer.cancel()
        updateTimer()
    }

    private func closeAttempts() {
        for attempt in attempts.values { attempt.close() }
        attempts = [:]
    }

    private func updateTimer() {
        guard dialer.deadline != timerDeadline else { return }
        if let timer { loop.cancel(timer) }
        timerDeadline = dialer.deadline
        timer = timerDeadline.map { loop.schedule(self, at: $0) }
    }
}

extension Connector: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        timerDeadline = nil
        perform(dialer.handleTimeout(now: now))
    }
}

/// While the TLS handshake is under way.
extension Connector: ConnectionHandler {
    package func connectionSecured(_ connection: TCPConnection) {
        securing = nil
        connection.handler = nil
        finish(.success(connection))
    }

    package func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        // Nothing is received before the connection is secure, and then it has another handler.
    }

    package func peerFinished(_ connection: TCPConnection) {
        connectionLost(connection, because: .closedByPeer)
    }

    package func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        let reason: ConnectError.Reason =
            switch reason {
            case .insecure(let error): .insecure(error)
            case .closedByPeer: .insecure(.failed("the server ended the connection during the handshake"))
            case .failed(let error): ConnectError.Reason(error)
            case .outputLimit: .insecure(.failed("the server does not read"))
            }
        perform(dialer.securingFailed(reason))
    }
}

private struct Resolved: LoopMessage {
    let connector: LoopBound<Connector>
    let outcome: Resolver.Outcome

    func deliver(on loop: EventLoop) {
        connector.value.resolved(outcome)
    }
}
