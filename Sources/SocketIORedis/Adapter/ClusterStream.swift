internal import SocketIOWire

/// The stream that all nodes write to.
struct ClusterStream: Sendable {
    let name: String
    let maxLength: Int
    /// Whether bytes are written as JSON, too.
    let isPlaintext: Bool
    let client: RedisClient

    func add(_ message: ClusterAdapterMessage) {
        let words = ["XADD", name, "MAXLEN", "~", "\(max(maxLength, 1))", "*"].map { Array($0.utf8) }
        client.send(RedisCommand(words + message.streamFields(isPlaintext: isPlaintext), key: 1))
    }
}
