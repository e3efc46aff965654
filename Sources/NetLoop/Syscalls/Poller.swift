// One interface, one file a kernel: `Poller+Epoll.swift` (Linux), `Poller+Kqueue.swift` (Darwin).

/// What a descriptor is watched for.
struct Interest: OptionSet {
    let rawValue: UInt8
    static let read = Interest(rawValue: 1 << 0)
    static let write = Interest(rawValue: 1 << 1)
}

/// What the kernel says of a descriptor.
struct Readiness: OptionSet {
    let rawValue: UInt8
    static let readable = Readiness(rawValue: 1 << 0)
    static let writable = Readiness(rawValue: 1 << 1)
    /// The peer is gone in both directions, or the socket failed; reading tells which.
    static let failed = Readiness(rawValue: 1 << 2)
}

extension Poller {
    /// How many events one call of `wait` returns at most.
    static var batch: Int { 512 }
}
