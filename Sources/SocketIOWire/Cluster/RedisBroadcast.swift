/// A broadcast as `@socket.io/redis-adapter` and `@socket.io/redis-emitter` publish it:
/// `[uid, packet, {rooms, except, flags}]` in MessagePack.
package struct RedisBroadcast: Equatable, Sendable {
    /// The node that sends, or `ClusterAdapterMessage.emitterID`.
    package var uid: String
    /// With its namespace.
    package var packet: ClusterPacket
    package var selection: ClusterSelection

    package init(uid: String, packet: ClusterPacket, selection: ClusterSelection) {
        (self.uid, self.packet, self.selection) = (uid, packet, selection)
    }

    /// - Throws: If it is not what a node of Node sends, or is over a limit.
    package init(_ bytes: Span<UInt8>, limits: ClusterLimits) throws(ProtocolViolation) {
        let parts = try ClusterCoding.value(of: bytes, limits: limits).arrayValue.required()
        guard parts.count >= 2, let uid = parts[0].stringValue else {
            throw ProtocolViolation(.malformed, "a broadcast of another node that lacks a part")
        }
        self.uid = uid
        packet = try ClusterPacket(parts[1].objectValue.required())
        // What old emitters leave out is the root.
        packet.namespace = packet.namespace ?? "/"
        selection =
            parts.count > 2 && !parts[2].isNull
            ? try ClusterSelection(parts[2].objectValue.required(), limits: limits) : ClusterSelection()
    }

    package var messagePack: [UInt8] {
        let style: ClusterSelection.Style = uid == ClusterAdapterMessage.emitterID ? .emitter : .adapter
        return ClusterCoding.messagePack(.array([.string(uid), packet.value, selection.value(style)]))
    }
}
