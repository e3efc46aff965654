import SocketIO

extension HTTPRequest {
    /// The body of a small request; nil if it is none, longer than 500 bytes, or no text.
    var text: String? {
        (1...500).contains(body.count) ? String(validating: body, as: UTF8.self) : nil
    }
}
