import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many descriptors the process has, of the first few thousand.
func openDescriptorCount() -> Int {
    (0..<CInt(4096)).count { fcntl($0, F_GETFD) >= 0 }
}

/// Whether the process has `count` descriptors again within a few seconds.
func descriptorCount(returnsTo count: Int) async -> Bool {
    await eventually { openDescriptorCount() == count }
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
