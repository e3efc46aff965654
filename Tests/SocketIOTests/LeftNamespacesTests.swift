import Testing

@testable import SocketIO

/// Namespaces that a session has lost on this side.
@Suite struct LeftNamespacesTests {
    private func name(_ number: Int) -> [UInt8] { Array("/\(number)".utf8) }

    private func has(_ number: Int, _ left: LeftNamespaces) -> Bool { left.contains(name(number).span) }

    @Test func `the latest ones are known, and no more than twice the limit are kept`() {
        var left = LeftNamespaces()
        for number in 0..<1_000 {
            left.insert(name(number), limit: 10)
            let known = (0...number).count { has($0, left) }
            #expect(known <= 20)
            #expect((max(0, number - 9)...number).allSatisfy { has($0, left) })
        }
    }

    @Test func `one that is joined again is forgotten`() {
        var left = LeftNamespaces()
        left.insert(name(1), limit: 10)
        left.remove(name(2).span)
        #expect(has(1, left))
        left.remove(name(1).span)
        #expect(left.isEmpty && !has(1, left))
    }
}
