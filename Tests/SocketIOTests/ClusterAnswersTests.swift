@testable import SocketIO
import TestSupport
import Testing

@Suite struct ClusterAnswersTests {
    private func answers(of nodes: ClusterNodes, endsWithFirst: Bool = false) -> ClusterAnswers {
        var answers = ClusterAnswers(endsWithFirst: endsWithFirst)
        answers.expect(nodes)
        return answers
    }

    @Test func `until it is known who is to answer, everything may still come`() {
        var answers = ClusterAnswers()
        #expect(answers.isAwaited && !answers.isComplete && !answers.isPublished)
        answers.expect(ClusterNodes(count: 0))
        #expect(!answers.isAwaited && answers.isComplete && answers.isPublished)
    }

    @Test func `nodes that are counted answer once each`() {
        var answers = answers(of: ClusterNodes(count: 2))
        answers.receive(.sockets([]), from: nil)
        #expect(answers.isAwaited && !answers.isComplete)
        answers.receive(.sockets([]), from: nil)
        #expect(!answers.isAwaited && answers.isComplete && answers.missingNodes.isEmpty)
    }

    @Test func `nodes that are known are told apart, and one that answers twice counts once`() {
        var answers = answers(of: ClusterNodes(["b", "c"]))
        answers.receive(.sockets([]), from: "b")
        answers.receive(.sockets([]), from: "b")
        #expect(answers.isAwaited && !answers.isComplete && answers.missingNodes == ["c"])
        #expect(answers.responses.count == 1)
        answers.receive(.sockets([]), from: "c")
        #expect(!answers.isAwaited && answers.isComplete)
    }

    @Test func `one that is gone is waited for no longer, and missing; a new one was not asked`() {
        var known = answers(of: ClusterNodes(["b", "c"]))
        known.receive(.sockets([]), from: "b")
        known.expect(ClusterNodes(["b", "d"]))
        #expect(!known.isAwaited && !known.isComplete && known.missingNodes == ["c"])
        var counted = answers(of: ClusterNodes(count: 2))
        counted.receive(.sockets([]), from: nil)
        counted.expect(ClusterNodes(count: 5))
        #expect(counted.isAwaited)
        counted.expect(ClusterNodes(count: 1))
        #expect(!counted.isAwaited && !counted.isComplete)
    }

    @Test func `acknowledgements are waited for that were announced, before or behind their number`() {
        for isNamed in [true, false] {
            var answers = answers(of: ClusterNodes(count: 1))
            answers.receive(.acknowledged(EventArguments([1]), by: nil), from: nil)
            answers.receive(
                .asked(count: 2, sockets: isNamed ? ["x", "y"].reduce(into: []) { $0.insert(SocketID($1)) } : nil),
                from: nil)
            #expect(answers.isAwaited && answers.isComplete == isNamed)
            answers.receive(.acknowledged(nil, by: nil), from: nil)
            #expect(!answers.isAwaited && answers.isComplete)
        }
    }

    @Test func `what a node has announced that is gone is not waited for`() {
        var answers = answers(of: ClusterNodes(["b", "c"]))
        answers.receive(.asked(count: 1), from: "b")
        answers.receive(.asked(count: 0), from: "c")
        #expect(answers.isAwaited)
        answers.expect(ClusterNodes(["c"]))
        #expect(!answers.isAwaited && !answers.isComplete)
    }

    @Test func `one acknowledgement is enough where one is asked for`() {
        var answers = answers(of: ClusterNodes(count: 3), endsWithFirst: true)
        answers.receive(.asked(count: 0), from: nil)
        answers.receive(.acknowledged(nil, by: nil), from: nil)
        #expect(answers.isAwaited)
        answers.receive(.acknowledged(EventArguments([]), by: nil), from: nil)
        #expect(!answers.isAwaited && answers.isComplete)
    }

    @Test func `an answer that there was no room for makes it incomplete`() {
        var answers = answers(of: ClusterNodes(count: 0))
        answers.cut()
        #expect(!answers.isComplete)
    }

    @Test func `whatever comes, in any order, the end is reached by those who are there`() {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<2_000 {
            let ids = (0..<Int.random(in: 0...4, using: &generator)).map { NodeID("\($0)") }
            var answers = answers(of: ClusterNodes(Set(ids)))
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let node = Bool.random(using: &generator) ? ids.randomElement(using: &generator) : NodeID("stranger")
                switch Int.random(in: 0...3, using: &generator) {
                case 0: answers.receive(.sockets([]), from: node)
                case 1: answers.receive(.asked(count: .random(in: -5...(.max), using: &generator)), from: node)
                case 2: answers.receive(.acknowledged(nil, by: nil), from: node)
                default: answers.expect(ClusterNodes(Set(ids.filter { _ in Bool.random(using: &generator) })))
                }
            }
            answers.expect(ClusterNodes([]))
            #expect(!answers.isAwaited)
            #expect(answers.missingNodes.isSubset(of: Set(ids)))
        }
    }
}
