import SocketIORedis
import Testing

@Suite struct RedisURLTests {
    @Test(
        arguments: [
            ("redis://127.0.0.1:6380", "redis://127.0.0.1:6380/0", nil, nil),
            ("redis://", "redis://localhost:6379/0", nil, nil),
            ("redis://host", "redis://host:6379/0", nil, nil),
            ("REDISS://host/", "rediss://host:6379/0", nil, nil),
            ("valkeys://:p@host:1/7", "rediss://host:1/7", nil, "p"),
            ("redis://ada:p%40s%3As/@host", nil, nil, nil),
            ("redis://ada:p%40s%3As%2F@host/2", "redis://host:6379/2", "ada", "p@s:s/"),
            ("redis://ada@host", "redis://host:6379/0", "ada", nil),
            ("redis://a:b@c@host", "redis://host:6379/0", "a", "b@c"),
            ("redis://[::1]:7/1", "redis://[::1]:7/1", nil, nil),
            ("redis://[fe80::1]", "redis://[fe80::1]:6379/0", nil, nil),
            ("redis://:6380", "redis://localhost:6380/0", nil, nil), ("redis://host:", "redis://host:6379/0", nil, nil),
            ("http://host", nil, nil, nil), ("host:6379", nil, nil, nil), ("", nil, nil, nil),
            ("redis://host:0", nil, nil, nil), ("redis://host:65536", nil, nil, nil), ("redis://host:x", nil, nil, nil),
            ("redis://host/x", nil, nil, nil), ("redis://host/-1", nil, nil, nil),
            ("redis://host/99999999999999999999", nil, nil, nil), ("redis://::1", nil, nil, nil),
            ("redis://[::1", nil, nil, nil), ("redis://[::1]x", nil, nil, nil), ("redis://host?db=1", nil, nil, nil),
            ("redis+unix:///run/r.sock", "redis+unix:///run/r.sock", nil, nil),
            ("UNIX:///run/r%20%3F.sock?db=3", "redis+unix:///run/r ?.sock?db=3", nil, nil),
            ("valkey+unix://ada:p%40@/run/r.sock?db=0", "redis+unix:///run/r.sock", "ada", "p@"),
            ("redis+unix://", nil, nil, nil), ("redis+unix:///", nil, nil, nil),
            ("redis+unix://host/run/r.sock", nil, nil, nil), ("redis+unix:///r.sock?db=x", nil, nil, nil),
            ("redis+unix:///r.sock?db=-1", nil, nil, nil), ("redis+unix:///r.sock?pass=x", nil, nil, nil),
            ("redis+unix:///r.sock#1", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func `reads what Redis' own tools read`(text: String, meaning: String?, user: String?, password: String?) throws {
        guard let meaning else {
            let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
            #expect(error?.description.contains("p%40") == false)
            return
        }
        let url = try RedisURL(text)
        #expect(url.description == meaning)
        #expect(url.user == user)
        #expect(url.password == password)
    }
}
