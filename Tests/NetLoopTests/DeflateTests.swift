import Foundation
import SocketIOWire
import TestSupport
import Testing

@testable import NetLoop

/// Compression by zlib, as WebSocket messages have it (RFC 7692 7.2).
@Suite struct DeflateTests {
    private let zlib: ZlibLibrary
    private static let mutations = ProcessInfo.processInfo.environment["FUZZ_DEFLATE"].flatMap { Int($0) } ?? 20_000

    init() throws {
        zlib = try ZlibLibrary.load()
    }

    private func deflate(_ bytes: [UInt8], with deflate: Deflate) -> [UInt8] {
        let writer = ByteWriter()
        deflate.message(bytes.span, to: writer)
        return writer.array()
    }

    private func inflate(_ hex: String..., with inflate: Inflate) throws -> [String] {
        try hex.map { String(decoding: try inflate.message([UInt8](hex: $0).span, limit: 1000), as: UTF8.self) }
    }

    @Test func `inflates the examples of RFC 7692 7_2_3`() throws {
        let inflate = try #require(Inflate(zlib))
        #expect(
            try self.inflate(
                "f248cdc9c90700", "f200110000", "00 0500faff 48656c6c6f 00", "f348cdc9c9070000",
                "f248 0500 0000ffff cac9c90700", "f248cdc9c90700", with: inflate)
                == Array(repeating: "Hello", count: 6))
    }

    @Test func `a last block without anything behind it ends a message, and the window goes on`() throws {
        let inflate = try #require(Inflate(zlib))
        #expect(try self.inflate("f348cdc9c90700", "f200110000", with: inflate) == ["Hello", "Hello"])
    }

    @Test func `inflates what the official server sent, one message after the other`() throws {
        let inflate = try #require(Inflate(zlib))
        let texts = try self.inflate(
            "32a8562ace4c51b252ca88b734747377360df58d48ca344c717274740c53d2512a2d482f4a4c492d56b28a8ed5512ac8cc4b"
                + "f7cc2b492d2a4bcc51b2323330303080088664e6a6e6979628591941c472132b02122b73f2135394ac0c0dc0a01600",
            "323180d91594e117e8565062995bee669a5c9414eee8e8e8a8540b00",
            "32318a564a55d2a9562a49ad2851b2522ac94855284ecc4d5500f11512d31333f31412f352d0594ab5b10000",
            "225f2700", "82ea54aa508a0500", with: inflate)
        #expect(texts[0].hasPrefix("0{\"sid\":\"h_91FGC5UMXbi1dBAAAV\",\"upgrades\":[]"))
        let event = #"42["e",{"text":"the same text again and again and again"}]"#
        #expect(texts[1...] == [#"40{"sid":"RhNQFpt9mwF5crbWAAAA"}"#, event, event, #"42["e","x"]"#])
    }

    @Test(arguments: 8...15, [1, 6, 9])
    func `what is deflated comes out again, with and without what was before`(windowBits: Int, level: Int) throws {
        var generator = SeededGenerator(seed: UInt64(windowBits * 10 + level))
        let deflate = try #require(Deflate(.raw, windowBits: windowBits, level: level, memoryLevel: level, zlib))
        let inflate = try #require(Inflate(windowBits: windowBits, zlib))
        for round in 0..<60 {
            if round % 20 == 0 {
                deflate.restart()
                inflate.restart()
            }
            let size = Int.random(in: 1...70_000, using: &generator)
            let noise = generator.bytes(min(size, Int.random(in: 1...300, using: &generator)))
            let message = Array((0..<size / noise.count + 1).flatMap { _ in noise }.prefix(size))
            let compressed = self.deflate(message, with: deflate)
            #expect(try inflate.message(compressed.span, limit: size) == message)
        }
    }

    @Test func `the limit is the most that comes out`() throws {
        let deflate = try #require(Deflate(.raw, zlib))
        let inflate = try #require(Inflate(zlib))
        for size in [1, 100, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 1_000_000] {
            deflate.restart()
            let compressed = self.deflate(Array(repeating: 7, count: size), with: deflate)
            inflate.restart()
            #expect(try inflate.message(compressed.span, limit: size).count == size)
            inflate.restart()
            #expect(throws: InflateFailure.tooLarge) { try inflate.message(compressed.span, limit: size - 1) }
            inflate.restart()
            #expect(try inflate.message(compressed.span, limit: .max).count == size)
        }
    }

    @Test func `a bomb costs no more than the limit, and a million empty blocks little`() throws {
        let deflate = try #require(Deflate(.raw, zlib))
        let bomb = ByteWriter()
        for _ in 0..<100 {
            deflate.message(Array(repeating: 0, count: 1_000_000).span, to: bomb)
            bomb.append([0, 0, 0xFF, 0xFF])
        }
        let inflate = try #require(Inflate(zlib))
        #expect(throws: InflateFailure.tooLarge) { try inflate.message(bomb.array().span, limit: 1_000_000) }
        #expect(inflate.inflatedByteCount <= 1_000_001)
        inflate.restart()
        // Each of them says to be the last.
        let blocks = (0..<1_000_000).map { $0.isMultiple(of: 2) ? UInt8(3) : 0 }
        #expect(try inflate.message(blocks.span, limit: 1_000_000) == [])
        // Each of them is stored, and is followed by another one.
        let stored = (0..<1_000_001).map { $0 % 5 < 3 ? UInt8(0) : 0xFF }
        #expect(try inflate.message(stored.span, limit: 1_000_000) == [])
    }

    @Test(arguments: ["", "ff", "07", "f248cdc9", "f200110000", "00 0500 0000", "63", "ed fd 01"])
    func `what is damaged, cut off, or repeats what there is not, is a failure`(hex: String) throws {
        let inflate = try #require(Inflate(zlib))
        #expect(throws: InflateFailure.damaged) { try inflate.message([UInt8](hex: hex).span, limit: 1000) }
        inflate.restart()
        #expect(try self.inflate("f248cdc9c90700", with: inflate) == ["Hello"])
    }

    @Test func `messages that are mutated come out within the limit or fail`() throws {
        var generator = SeededGenerator(seed: 1951)
        let deflate = try #require(Deflate(.raw, zlib))
        let message = Array((0..<40).flatMap { Array("[\"event\",{\"text\":\"some words\",\"n\":\($0)}]".utf8) })
        let compressed = self.deflate(message, with: deflate)
        let inflate = try #require(Inflate(zlib))
        var outcomes = [0, 0, 0]
        for _ in 0..<Self.mutations {
            inflate.restart()
            do throws(InflateFailure) {
                let output = try inflate.message(generator.mutate(compressed).span, limit: message.count)
                #expect(output.count <= message.count)
                outcomes[0] += 1
            } catch {
                outcomes[error == .tooLarge ? 1 : 2] += 1
            }
        }
        #expect(outcomes.allSatisfy { $0 > 0 }, "\(outcomes)")
    }

    @Test func `frames that are mutated do no harm`() throws {
        var generator = SeededGenerator(seed: 6455)
        let deflate = try #require(Deflate(.raw, zlib))
        let inflate = try #require(Inflate(zlib))
        let texts = (0..<4).map { number in Array(repeating: "message \(number) é ", count: 40).joined() }
        let frames = texts.enumerated().flatMap { index, text in
            let payload = self.deflate(Array(text.utf8), with: deflate)
            let parts = index == 2 ? [payload.prefix(20), payload.dropFirst(20)] : [payload[...]]
            return parts.enumerated().flatMap { part, bytes in
                let last: UInt8 = part == parts.count - 1 ? 0x80 : 0
                return RawClient.frame(firstByte: last | (part == 0 ? 0x41 : 0), Array(bytes))
            }
        }
        #expect(read([frames], inflate) == texts)
        for _ in 0..<Self.mutations {
            let bytes = generator.mutate(frames)
            inflate.restart()
            let whole = read([bytes], inflate)
            inflate.restart()
            #expect(read(bytes.cut(at: generator.cuts(in: bytes.count, most: 3)), inflate) == whole)
        }
    }

    /// The texts of messages, and what ends them.
    private func read(_ chunks: [[UInt8]], _ inflate: Inflate) -> [String] {
        var reader = WebSocketReader(role: .server, limits: WebSocketLimits(messageBytes: 1500), compresses: true)
        var seen: [String] = []
        for var chunk in chunks {
            var cursor = 0
            var bytes = chunk.mutableSpan
            do throws(WebSocketFailure) {
                while let event = try reader.next(&bytes, from: &cursor) {
                    switch event {
                    case .compressed(let kind, let payload):
                        let message = try inflate.message(kind, payload, limit: 1500)
                        seen.append(String(decoding: message, as: UTF8.self))
                    case .text, .binary, .ping, .pong, .close: seen.append("other")
                    }
                }
            } catch {
                return seen + ["\(error.code.rawValue)"]
            }
        }
        return seen
    }

    @Test func `a library that is not there says so`() {
        #expect(throws: SharedLibraryMissing.self) { try ZlibLibrary.load("libz.so.none") }
    }
}
