/// What the typed handler takes: a chat message of about 200 bytes of JSON, with the kinds of values that one has.
struct Record: Codable, Sendable, Equatable {
    struct Place: Codable, Sendable, Equatable {
        var latitude = 51.4778
        var longitude = -0.0015
    }

    var id: Int
    var author = "Ada Lovelace"
    var text = "It weaves \"algebraic\" patterns"
    var room = "lobby"
    var sentAt = 1_767_225_600_000
    var isEdited = false
    var replyTo: Int?
    var tags = ["maths"]
    var place = Place()

    /// Records of the numbers up to a billion are of one size.
    init(number: Int) {
        id = 1_000_000_000 + number
    }
}
