/// What was said in the chat, whichever way it came.
package struct Message: Codable, Sendable, Equatable {
    /// One more than that of the message before: a client that has it already leaves it out.
    package let number: Int
    package let name: String
    package let text: String
    /// Which way it came.
    package let way: Way

    package enum Way: String, Codable, Sendable {
        case http = "HTTP"
        case webSocket = "WebSocket"
        case socketIO = "Socket.IO"
    }

    package init(number: Int, _ draft: Draft, over way: Way) {
        self.number = number
        name = draft.name
        text = draft.text
        self.way = way
    }
}
