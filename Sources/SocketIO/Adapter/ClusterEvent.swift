public import SocketIOEvents
internal import SocketIOWire

/// An event on its way between nodes. Its arguments are encoded once, and no node needs the application's types to carry
/// them on: as JSON with attachments, or as values from which any other form can be made.
public struct ClusterEvent: Sendable {
    /// The packet in text; where its payload begins.
    private let packet: EncodedPacket
    private let payloadStart: Int

    /// The event that these are: its name and its arguments, as Node has them in a packet's `data`.
    ///
    /// - Returns: Nil without a name, and for a name that no event can have.
    public init?(_ values: [JSONValue]) {
        switch values.first {
        case .string(let name) where !ReservedEvent.contains(name.utf8.span): break
        case .integer, .number: break
        case .string, .null, .bool, .array, .object, .binary, nil: return nil
        }
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        writer.append(json: .array(values), attachments: &attachments)
        self.init(json: writer.array(), attachments: attachments)
    }

    /// The event `["name",…]` with its attachments; nil if it is none, or nests deeper than any packet may.
    ///
    /// - Parameter json: Is checked: it may come from anywhere.
    package init?(json: [UInt8], attachments: [[UInt8]]) {
        var limits = PacketLimits()
        limits.jsonDepth = JSONCoding.maximumDepth
        do throws(ProtocolViolation) {
            let payload = try EventPayload(parsingEvent: json.span, from: 0, limits: limits)
            guard !ReservedEvent.contains(JSONString.unescape(json.span.extracting(payload.name)).span) else {
                return nil
            }
        } catch {
            return nil
        }
        // What looks like a placeholder must not stand for the bytes of others.
        if !attachments.isEmpty {
            do {
                try JSONScanner.validatePlaceholders(json.span, attachmentCount: attachments.count)
            } catch {
                return nil
            }
        }
        packet = EncodedPacket(text: json, attachments: attachments)
        payloadStart = 0
    }

    /// An event that is encoded here.
    ///
    /// - Throws: What a value's own `encode(to:)` throws, and `EncodingError` for more attachments than any packet may have.
    package init<each Argument: Encodable>(encoding name: EventName, _ arguments: repeat each Argument) throws {
        let writer = ByteWriter()
        lazy var memory = JSONMemory()
        var draft = PacketDraft.event(name.description, namespace: [], to: writer)
        repeat try draft.append(each arguments, to: writer, memory: memory)
        try draft.limitAttachments(to: PacketLimits.maxAttachments, in: writer)
        guard let event = ClusterEvent(draft.packet(in: writer)) else {
            throw EncodingError.invalidValue(
                name.description, EncodingError.Context(codingPath: [], debugDescription: "no packet can hold it"))
        }
        self = event
    }

    /// A packet of ours; nil if it is no event.
    init?(_ packet: EncodedPacket) {
        var limits = PacketLimits()
        limits.attachments = PacketLimits.maxAttachments
        guard let head = try? PacketHead(parsing: packet.text.span, limits: limits),
            head.type == .event || head.type == .binaryEvent
        else { return nil }
        self.packet = packet
        payloadStart = head.payloadStart
    }

    /// `["name",…]`; in place of bytes it has what stands for `attachments`.
    package var json: ArraySlice<UInt8> { packet.text[payloadStart...] }
    /// The bytes in its arguments, in the order met.
    package var attachments: [[UInt8]] { packet.attachments }

    /// The name and the arguments, as Node has them in a packet's `data`.
    public var values: [JSONValue] {
        // It was checked when it was made.
        (try? JSONCoding.decode([JSONValue].self, from: json.span, attachments: attachments)) ?? []
    }

    /// The event's name.
    public var name: String {
        switch values.first {
        case .string(let name): name
        case .none: ""
        case .some(let value): value.description
        }
    }

    /// What it holds in memory.
    var byteCount: Int { packet.byteCount }

    /// The packet for clients in `namespace`.
    func packet(in namespace: Namespace, id: UInt64?) -> EncodedPacket {
        let writer = ByteWriter(capacity: json.count + 64)
        writer.appendPacketHead(
            attachments.isEmpty ? .event : .binaryEvent, attachmentCount: attachments.count,
            namespace: namespace.wireName, id: id)
        writer.append(json.span)
        return EncodedPacket(text: writer.array(), attachments: attachments)
    }
}
