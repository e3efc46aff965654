import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many sockets the process has, of the first few thousand descriptors. Others belong to the runtime, which opens
/// its timers when it likes.
func openDescriptorCount() -> Int {
    (0..<CInt(4096)).count { descriptor in
        var info = stat()
        return unsafe fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFSOCK
    }
}

/// Whether the process has no more than `count` sockets again within a few seconds; fewer, if one of a test before was
/// still being closed when they were counted.
func descriptorCount(returnsTo count: Int) async -> Bool {
    await eventually { openDescriptorCount() <= count }
}

/// Whether `condition` comes true within a few seconds.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
