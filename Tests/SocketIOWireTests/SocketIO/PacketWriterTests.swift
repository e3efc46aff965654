import SocketIOWire
import TestSupport
import Testing

@Suite struct PacketWriterTests {
    private func written(_ body: (ByteWriter) -> Void) -> String {
        let writer = ByteWriter()
        body(writer)
        return String(decoding: writer.array(), as: UTF8.self)
    }

    @Test(
        arguments: [
            (.connect, 0, "", nil, "0"), (.connect, 0, "/a", nil, "0/a,"), (.disconnect, 0, "", nil, "1"),
            (.disconnect, 0, "/admin", nil, "1/admin,"), (.event, 0, "", nil, "2"), (.event, 0, "", 0, "20"),
            (.event, 0, "/admin", 12, "2/admin,12"), (.ack, 0, "", 12, "312"), (.connectError, 0, "/a", nil, "4/a,"),
            (.binaryEvent, 1, "", nil, "51-"), (.binaryEvent, 10, "/a", 7, "510-/a,7"), (.binaryAck, 0, "", 3, "60-3"),
            (.event, 0, "", PacketHead.maxID, "29007199254740991"), (.event, 3, "", nil, "2"),
        ] as [(PacketType, Int, String, UInt64?, String)])
    func `writes heads`(type: PacketType, attachments: Int, namespace: String, id: UInt64?, expected: String) {
        let text = written {
            $0.appendPacketHead(type, attachmentCount: attachments, namespace: Array(namespace.utf8), id: id)
        }
        #expect(text == expected)
    }

    @Test func `what it writes is read again`() throws {
        for type: PacketType in [.connect, .disconnect, .event, .ack, .connectError, .binaryEvent, .binaryAck] {
            for attachments in [0, 1, 10] where type.isBinary || attachments == 0 {
                for namespace in ["", "/a", "/€?x=1"] {
                    for id: UInt64? in [nil, 0, 7, PacketHead.maxID] {
                        let name = Array(namespace.utf8)
                        let writer = ByteWriter()
                        writer.appendPacketHead(type, attachmentCount: attachments, namespace: name, id: id)
                        writer.append("[]")
                        let bytes = writer.array()
                        let head = try PacketHead(parsing: bytes.span, limits: PacketLimits())
                        #expect(head.type == type && head.attachmentCount == attachments && head.id == id)
                        #expect(Array(bytes[head.namespace]) == name)
                        #expect(head.payloadStart == bytes.count - 2)
                    }
                }
            }
        }
    }

    @Test func `writes the answer to CONNECT`() {
        #expect(
            written { $0.appendConnected(namespace: [], socketID: "zV4tYw0m8q1TnKc2AAAB") }
                == #"0{"sid":"zV4tYw0m8q1TnKc2AAAB"}"#)
        #expect(
            written { $0.appendConnected(namespace: Array("/admin".utf8), socketID: "q8Jw2mYcT0nKzV4tAAAC") }
                == #"0/admin,{"sid":"q8Jw2mYcT0nKzV4tAAAC"}"#)
    }

    @Test func `writes refusals`() {
        #expect(
            written { $0.appendConnectError(namespace: "/nowhere".utf8.span, message: "Invalid namespace", data: []) }
                == #"4/nowhere,{"message":"Invalid namespace"}"#)
        #expect(
            written {
                $0.appendConnectError(
                    namespace: "/admin".utf8.span, message: "wrong password", data: Array(#"{"attempts":2}"#.utf8))
            } == #"4/admin,{"message":"wrong password","data":{"attempts":2}}"#)
        #expect(
            written { $0.appendConnectError(namespace: [UInt8]().span, message: "a\"b\n€", data: []) }
                == #"4{"message":"a\"b\n€"}"#)
    }
}
