import SocketIO
import SocketIORedis

/// What joins the nodes of `bench cluster`.
enum ClusterAdapter: String, CaseIterable, Codable {
    case redis, sharded, streams

    func make(_ url: String) throws -> any Adapter {
        let url = try RedisURL(url)
        switch self {
        case .redis: return try RedisAdapter(url)
        case .sharded: return try ShardedRedisAdapter(url)
        case .streams: return try RedisStreamsAdapter(url)
        }
    }
}
