import Testing

@testable import NetLoop

@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    /// A resolver whose questions wait until they are let through, and which remembers them.
    private struct Held {
        let asked = AsyncStream<String>.makeStream()
        let gate = BlockingGate()
        let resolver: Resolver

        init(maxThreads: Int, maxWaiting: Int = 100) {
            let (continuation, gate) = (asked.continuation, gate)
            resolver = Resolver(maxThreads: maxThreads, maxWaiting: maxWaiting) { host, _ in
                continuation.yield(host)
                gate.wait()
                return .failure(host)
            }
        }

        /// The text of the failure that answers a question.
        func answer(to host: String, into answers: AsyncStream<String>.Continuation) -> Resolver.Lookup {
            resolver.lookUp(host, port: 1) { outcome in
                if case .failure(let text) = outcome { answers.yield(text) }
            }
        }
    }

    @Test func `finds this machine by its name in the hosts file`() async throws {
        let answers = AsyncStream<Resolver.Outcome>.makeStream()
        _ = Resolver.shared.lookUp("localhost", port: 4321) { answers.continuation.yield($0) }
        let outcome = await answers.stream.first()
        guard case .addresses(let addresses) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(addresses.contains(SocketAddress(host: "127.0.0.1", port: 4321)!))
        #expect(addresses.allSatisfy { $0.port == 4321 })
    }

    @Test(arguments: ["nosuch.invalid", "a\0b", "", "a b"])
    func `says in words that a name is unknown`(host: String) async throws {
        let answers = AsyncStream<Resolver.Outcome>.makeStream()
        _ = Resolver.shared.lookUp(host, port: 1) { answers.continuation.yield($0) }
        let outcome = await answers.stream.first()
        guard case .failure(let text) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(!text.isEmpty)
    }

    @Test func `asks on no more threads than it may, and answers everybody`() async throws {
        let held = Held(maxThreads: 2)
        let answers = AsyncStream<String>.makeStream()
        let lookups = (1...5).map { held.answer(to: "\($0)", into: answers.continuation) }
        var asked: Set<String> = []
        for await host in held.asked.stream {
            asked.insert(host)
            if asked.count == 2 { break }
        }
        #expect(asked == ["1", "2"])
        held.gate.open()
        var answered: Set<String> = []
        for await host in answers.stream {
            answered.insert(host)
            if answered.count == 5 { break }
        }
        #expect(answered == ["1", "2", "3", "4", "5"])
        #expect(lookups.count == 5)
    }

    @Test func `a cancelled question is neither asked nor answered`() async throws {
        let held = Held(maxThreads: 1)
        let answers = AsyncStream<String>.makeStream()
        let first = held.answer(to: "first", into: answers.continuation)
        let second = held.answer(to: "second", into: answers.continuation)
        let third = held.answer(to: "third", into: answers.continuation)
        var asked = held.asked.stream.makeAsyncIterator()
        #expect(await asked.next() == "first")
        first.cancel()
        second.cancel()
        held.gate.open()
        #expect(await asked.next() == "third")
        #expect(await answers.stream.first() == "third")
        third.cancel()
    }

    @Test func `refuses a question beyond the limit, for which cancelled ones do not count`() async throws {
        let held = Held(maxThreads: 1, maxWaiting: 2)
        let answers = AsyncStream<String>.makeStream()
        _ = held.answer(to: "asked", into: answers.continuation)
        // It is not waiting any more.
        _ = await held.asked.stream.first()
        let waiting = held.answer(to: "waiting", into: answers.continuation)
        _ = held.answer(to: "last", into: answers.continuation)
        _ = held.answer(to: "one too many", into: answers.continuation)
        #expect(await answers.stream.first() == "too many names are being looked up")
        waiting.cancel()
        _ = held.answer(to: "instead", into: answers.continuation)
        held.gate.open()
        var answered: [String] = []
        for await host in answers.stream {
            answered.append(host)
            if answered.count == 3 { break }
        }
        #expect(answered == ["asked", "last", "instead"])
    }
}
