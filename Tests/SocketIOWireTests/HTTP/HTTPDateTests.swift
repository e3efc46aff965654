import Foundation
import TestSupport
import Testing

@testable import SocketIOWire

/// RFC 9110 5.6.7.
@Suite struct HTTPDateTests {
    private func text(_ seconds: Int) -> String {
        String(decoding: HTTPDate(secondsSince1970: seconds).line, as: UTF8.self)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
    ])
    func `a date is written as the rule says`(seconds: Int, date: String) {
        #expect(text(seconds) == "Date: \(date)\r\n")
    }

    @Test func `every date is that of the calendar`() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let seconds = Int(random.next() % 8_000_000_000)
            let parts = calendar.dateComponents(
                [.year, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
            let words = text(seconds).split(separator: " ")
            #expect(Int(words[2]) == parts.day)
            #expect(Int(words[4]) == parts.year)
            #expect(
                words[5].split(separator: ":").compactMap { Int($0) } == [parts.hour, parts.minute, parts.second])
        }
    }
}
