import SocketIOEvents
import Testing

@testable import SocketIOClient

@Suite struct OutgoingPacketTests {
    @Test func `a packet counts with its text and all of its attachments`() {
        #expect(OutgoingPacket(text: Array("42[\"x\"]".utf8)).byteCount == 7)
        #expect(OutgoingPacket(text: [1], attachments: [[1, 2], [], [3]], ackID: 7).byteCount == 4)
    }
}
