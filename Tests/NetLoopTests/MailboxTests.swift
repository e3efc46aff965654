import Synchronization
import Testing

@testable import NetLoop

@Suite struct MailboxTests {
    private struct Numbered: LoopMessage {
        let number: Int
        func deliver(on loop: EventLoop) {}
    }

    private func numbers(_ mails: [Mailbox.Mail]) -> [Int] {
        mails.compactMap {
            switch $0 {
            case .message(let message): (message as? Numbered)?.number
            case .job: nil
            }
        }
    }

    @Test func `asks for one wake-up for a burst`() {
        let mailbox = Mailbox()
        #expect(mailbox.post(.message(Numbered(number: 0))) == .wake)
        for number in 1..<100 { #expect(mailbox.post(.message(Numbered(number: number))) == .underWay) }
        #expect(numbers(mailbox.take()) == Array(0..<100))
        #expect(mailbox.take().isEmpty)
        #expect(mailbox.post(.message(Numbered(number: 1))) == .wake)
    }

    @Test func `keeps each thread's order and loses nothing`() async {
        // In a box: a mailbox cannot be captured.
        final class Shared: Sendable { let mailbox = Mailbox() }
        let shared = Shared()
        await withTaskGroup(of: Void.self) { group in
            for poster in 0..<4 {
                group.addTask {
                    for number in 0..<1_000 {
                        _ = shared.mailbox.post(.message(Numbered(number: poster * 1_000 + number)))
                    }
                }
            }
        }
        let taken = numbers(shared.mailbox.take())
        #expect(taken.count == 4_000)
        for poster in 0..<4 {
            #expect(taken.filter { $0 / 1_000 == poster } == (0..<1_000).map { poster * 1_000 + $0 })
        }
    }
}
