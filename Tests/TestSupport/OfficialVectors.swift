internal import Foundation
package import SocketIOWire

/// A message that one of Node's adapters or emitters sent: recorded traffic, in files that are not part of the repository.
package struct OfficialMessage: Sendable, CustomStringConvertible {
    /// The file, and the name in it.
    package let description: String
    /// Empty where there is none.
    package let channel: String
    /// As published, or the `data` of a stream's entry.
    package let bytes: [UInt8]
    /// The other fields of a stream's entry.
    package let fields: [String: String]
    /// Whether it is what the streams adapter keeps of a client.
    package let isSession: Bool
}

package enum OfficialVectors {
    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["OFFICIAL_VECTORS"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return root.appending(path: "../shared/vectors/official").standardized
    }()

    package static var areThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

    /// All that a recording has.
    package static func entries(_ file: String) throws -> [JSONValue] {
        let text = Array(try Data(contentsOf: folder.appending(path: "\(file).json")))
        return try JSONCoding.decode([JSONValue].self, from: text.span, attachments: [])
    }

    /// What nodes and emitters sent in a recording, by its name there.
    package static func named(_ file: String) throws -> [String: OfficialMessage] {
        let start = file.utf8.count + 2
        return Dictionary(try messages(file).map { (String($0.description.dropFirst(start)), $0) }) { first, _ in first
        }
    }

    /// What a server answered to offers of extensions; an offer is empty where there was none.
    package static func offers(_ setup: String) throws -> [(offer: String, status: Int, answer: String?)] {
        try entries("compression").compactMap { entry in
            guard entry["name"].stringValue?.hasPrefix("permessage-deflate/negotiation/\(setup)") == true,
                let status = entry["decoded"]["status"].intValue
            else { return nil }
            return (
                entry["command"]["offer"].stringValue ?? "", status,
                entry["decoded"]["Sec-WebSocket-Extensions"].stringValue
            )
        }
    }

    /// What nodes and emitters sent in a recording, in order.
    package static func messages(_ file: String) throws -> [OfficialMessage] {
        try entries(file).compactMap { entry in
            guard let encoding = entry["encoding"].stringValue, let direction = entry["direction"].stringValue,
                ["json", "msgpack", "base64+msgpack"].contains(encoding),
                direction.hasPrefix("node") || direction.hasPrefix("emitter")
            else { return nil }
            // notepack 3 is what nodes write today.
            let hex = encoding == "msgpack" ? entry["notepack3Hex"].stringValue ?? entry["hex"].stringValue : nil
            guard let bytes = hex.map({ [UInt8](hex: $0) }) ?? entry["text"].stringValue.map({ Array($0.utf8) }) else {
                return nil
            }
            let fields = (entry["fields"].objectValue ?? [:]).map { ($0.key, $0.value.stringValue ?? "") }
            return OfficialMessage(
                description: "\(file): \(entry["name"].stringValue ?? "")",
                channel: entry["channel"].stringValue ?? "", bytes: bytes,
                fields: Dictionary(uniqueKeysWithValues: fields),
                isSession: entry["command"].arrayValue?.first == "SET")
        }
    }
}
