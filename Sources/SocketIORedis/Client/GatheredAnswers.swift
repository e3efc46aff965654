internal import SocketIOWire

/// What several nodes answer to one question; those that fail are left out.
final class GatheredAnswers {
    private var missing: Int
    private var values: [RESPValue] = []
    private let reply: (Result<[RESPValue], RedisError>) -> Void

    init(of count: Int, _ reply: @escaping (Result<[RESPValue], RedisError>) -> Void) {
        (missing, self.reply) = (count, reply)
    }

    func add(_ result: Result<RESPValue, RedisError>) {
        missing -= 1
        if case .success(let value) = result { values.append(value) }
        if missing == 0 { reply(values.isEmpty ? .failure(.connectionLost) : .success(values)) }
    }
}
