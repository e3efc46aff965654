internal import Synchronization

/// The acknowledgement that a peer asked for, as the last parameter of a handler: to answer later, or with several
/// values. A handler with one value that it has when it ends returns it instead.
///
/// ```swift
/// socket.on("order") { (id: Int, ack: Ack<Int, String>) in
///     Task {
///         try await Task.sleep(for: .seconds(1))
///         ack(id, "delivered")
///     }
/// }
/// ```
/// Called at most once, from any thread; what is called again is dropped, and reported once as `RepeatedAck`. One that is
/// never called sends nothing, and the peer's timeout decides. It waits as long as it is held, also after the handler
/// has ended, and does not count as a handler under way. Once the socket is gone it is dropped.
public struct Ack<each Value: Encodable & Sendable>: Sendable {
    private let answer: AckAnswer?

    /// - Parameter answer: Nil if the peer did not ask.
    package init(_ answer: AckAnswer?) {
        self.answer = answer
    }

    /// Whether the peer asked for an acknowledgement; if it did not, calling this does nothing.
    public var isRequested: Bool { answer != nil }

    /// Acknowledges the event with these values. What cannot be encoded goes to `onHandlerError`.
    public func callAsFunction(_ values: repeat each Value) {
        guard let answer, answer.begin() else { return }
        answer.sender.acknowledge(answer.id, values: repeat each values)
    }
}

/// An acknowledgement was called again; only the first call sent something.
public struct RepeatedAck: Error, Hashable, Sendable, CustomStringConvertible {
    package init() {}

    /// What to do.
    public var description: String {
        "an Ack was called again, which is dropped: an event is acknowledged once (further calls of it are not reported)"
    }
}

/// Who sends acknowledgements: a socket, on a server or in a client.
package protocol AckSender: Sendable {
    /// Sends an acknowledgement, from any thread; dropped if the socket is gone.
    func acknowledge<each Value: Encodable & Sendable>(_ id: UInt64, values: repeat each Value)
    func report(_ error: any Error)
}

/// What the copies of an `Ack` share: whether it has been called.
package final class AckAnswer: Sendable {
    private enum Calls {
        static let none: UInt8 = 0
        static let one: UInt8 = 1
        static let more: UInt8 = 2
    }

    let id: UInt64
    let sender: any AckSender
    private let calls = Atomic<UInt8>(Calls.none)

    package init(_ id: UInt64, of sender: any AckSender) {
        self.id = id
        self.sender = sender
    }

    /// Whether this is the first call.
    func begin() -> Bool {
        if exchange(Calls.none, with: Calls.one) { return true }
        if exchange(Calls.one, with: Calls.more) { sender.report(RepeatedAck()) }
        return false
    }

    private func exchange(_ expected: UInt8, with desired: UInt8) -> Bool {
        calls.compareExchange(expected: expected, desired: desired, ordering: .relaxed).exchanged
    }
}

/// An `Ack`, whatever its values are.
package protocol AckParameter: Sendable {
    init(_ answer: AckAnswer?)
}

extension Ack: AckParameter {}

/// What a handler with an `Ack` is called with: a parameter may follow a pack in a function's type, but in no call of it,
/// so that all of its parameters are one pack, of which each is made by its type.
package enum HandlerParameter {
    /// The next argument, or the `Ack`.
    package static func make<Parameter>(
        _ type: Parameter.Type, _ answer: AckAnswer?, decode: (any Decodable.Type) throws -> Any
    ) throws -> Parameter {
        let made: Any =
            if let ack = type as? any AckParameter.Type {
                ack.init(answer)
            } else if let argument = type as? any Decodable.Type {
                try decode(argument)
            } else {
                preconditionFailure("on(_:_:) takes no others")
            }
        guard let parameter = made as? Parameter else { preconditionFailure("made as another type") }
        return parameter
    }
}
