// Lines that do not compile, each with what the compiler says: options of Node's Redis adapters and emitters.

import SocketIO
import SocketIORedis

func adapters() throws {
    var options = RedisStreamsAdapter.Options()
    options.streamCount = 4  // error: there is one stream
    options.maxLen = 1_000  // error: 'maxLen' has been renamed to 'maxLength' // fix: maxLength
    options.useShardedPubSub = true  // error: 'useShardedPubSub' has been renamed // fix: usesShardedPubSub
}

func emitters(_ emitter: SocketIOEmitter) {
    emitter.of("/chat").emit("news")  // error: 'of' has been renamed to 'namespace(_:)' // fix: namespace
    emitter.in("red").emit("news")  // error: 'in' has been renamed to 'to(_:)' // fix: to
}
