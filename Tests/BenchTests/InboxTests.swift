import NetLoop
import Testing

@testable import bench

/// The bytes that a server sends, through a socket, as the load generator gets them.
private final class Line {
    private let sender: OwnedDescriptor
    private let receiver: OwnedDescriptor
    private let buffer = ReceiveBuffer(capacity: 1 << 12)

    init() throws {
        let listener = try TCP.listen()
        let port = TCP.port(of: listener)
        sender = try TCP.connect(to: Target.Address(host: "127.0.0.1", port: port))
        var accepted: OwnedDescriptor?
        while accepted == nil { accepted = TCP.accept(from: listener) }
        receiver = accepted.take()!
    }

    /// What `inbox` makes of `pieces`, each of which arrives on its own; nil if it refuses one.
    func content(_ pieces: [ArraySlice<UInt8>], of inbox: inout Inbox) throws -> Inbox.Content? {
        var sum = Inbox.Content()
        for piece in pieces where !piece.isEmpty {
            #expect(TCP.send(piece.span, to: sender.rawValue) == piece.count)
            var arrived = 0
            while arrived < piece.count {
                guard case .bytes(let count) = buffer.receive(from: receiver.rawValue) else { continue }
                arrived += count
                guard let content = inbox.take(count, of: buffer) else { return nil }
                sum.replies += content.replies
                sum.pings += content.pings
            }
        }
        return sum
    }
}

struct InboxTests {
    private let replies = Ring(plain: [[.text("4one")], [.text("4two")], [.text("4six")]])
    private let ping: [UInt8] = [0x81, 1, UInt8(ascii: "2")]

    /// The frames of the first `count` replies.
    private func frames(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { Array(replies.bytes[$0 % 3 * 6..<$0 % 3 * 6 + 6]) }
    }

    @Test func `counts replies, in whatever pieces they come`() throws {
        let line = try Line()
        let bytes = frames(5)
        for split in 0...bytes.count {
            var inbox = Inbox(replies)
            let content = try line.content([bytes[..<split], bytes[split...]], of: &inbox)
            #expect(content == Inbox.Content(replies: 5))
        }
    }

    @Test func `passes heartbeats over, in whatever pieces they come`() throws {
        let line = try Line()
        let bytes = ping + frames(2) + ping + ping + frames(5)[12...]
        for first in 0...bytes.count {
            for second in first...min(first + 3, bytes.count) {
                var inbox = Inbox(replies)
                let content = try line.content(
                    [bytes[..<first], bytes[first..<second], bytes[second...]], of: &inbox)
                #expect(content == Inbox.Content(replies: 5, pings: 3), "\(first), \(second)")
            }
        }
    }

    @Test func `refuses a reply with any byte wrong`() throws {
        for index in 0..<18 {
            let line = try Line()
            var bytes = frames(3)
            bytes[index] ^= 1
            var inbox = Inbox(replies)
            #expect(try line.content([bytes[...]], of: &inbox) == nil, "\(index)")
        }
    }

    @Test func `refuses replies in another order`() throws {
        let line = try Line()
        var inbox = Inbox(replies)
        #expect(try line.content([frames(3)[6...]], of: &inbox) == nil)
    }

    @Test func `refuses a heartbeat within a reply`() throws {
        for index in 1..<6 {
            let line = try Line()
            let bytes = frames(1)
            var inbox = Inbox(replies)
            #expect(try line.content([bytes[..<index] + ping + bytes[index...]], of: &inbox) == nil, "\(index)")
        }
    }
}
