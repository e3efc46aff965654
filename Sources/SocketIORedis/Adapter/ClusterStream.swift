internal import SocketIOWire

/// The stream that all nodes write to.
struct ClusterStream: Sendable {
    let name: String
    let maxLength: Int
    /// Whether bytes are written as JSON, too.
    let isPlaintext: Bool
    let client: RedisClient

    func add(_ message: ClusterAdapterMessage) {
        client.send(command(message))
    }

    /// What is not taken counts as lost, as if nobody waited for it.
    ///
    /// - Parameter reply: Called as by `RedisClient.ask`.
    func add(_ message: ClusterAdapterMessage, reply: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        client.ask(command(message)) { [client] result in
            if case .failure = result { client.noteLoss() }
            reply(result)
        }
    }

    private func command(_ message: ClusterAdapterMessage) -> RedisCommand {
        let words = ["XADD", name, "MAXLEN", "~", "\(max(maxLength, 1))", "*"].map { Array($0.utf8) }
        return RedisCommand(words + message.streamFields(isPlaintext: isPlaintext), key: 1)
    }
}
