/// A command as it is sent: an array of bulk strings (RESP specification, "Sending commands to a Redis server").
package struct RedisCommand: Equatable, Sendable {
    package let bytes: [UInt8]
    /// What tells the node of a cluster that is to have it; nil if any may.
    package let key: [UInt8]?

    /// - Parameters:
    ///   - arguments: The command's name and what follows it.
    ///   - key: Which of them is its key, or its channel of a shard.
    package init(_ arguments: [[UInt8]], key: Int? = nil) {
        let writer = ByteWriter(capacity: arguments.reduce(16) { $0 + $1.count + 16 })
        writer.beginRedisCommand(argumentCount: arguments.count)
        for argument in arguments { writer.append(redisArgument: argument.span) }
        bytes = writer.array()
        self.key = key.map { arguments[$0] }
    }

    package init(_ arguments: String..., key: Int? = nil) {
        self.init(arguments.map { Array($0.utf8) }, key: key)
    }
}

extension ByteWriter {
    /// Begins a command of `argumentCount` parts, its name included.
    package func beginRedisCommand(argumentCount: Int) {
        append(UInt8(ascii: "*"))
        append(decimal: argumentCount)
        append("\r\n")
    }

    package func append(redisArgument argument: Span<UInt8>) {
        append(UInt8(ascii: "$"))
        append(decimal: argument.count)
        append("\r\n")
        append(argument)
        append("\r\n")
    }

    package func append(redisArgument text: String) {
        var text = text
        text.makeContiguousUTF8()
        append(redisArgument: text.utf8.span)
    }
}
