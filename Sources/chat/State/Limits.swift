/// What the chat keeps at most, and for whom.
enum Limits {
    static let rooms = 100
    /// A person is a name and its key, whatever the number of their sockets.
    static let roomsPerPerson = 20
    /// Rooms that there are and that somebody of one network has made: names are free.
    static let roomsPerNetwork = 30
    static let socketsPerPerson = 10
    static let messagesPerRoom = 100
    /// Of the text that a room keeps, in UTF-8: what a newcomer is sent.
    static let historyBytesPerRoom = 64_000

    static let textCharacters = 2_000
    static let textBytes = 8_000
    static let keyBytes = 128

    /// One of a person's messages counts as one more for each of these that it has begun.
    static let bytesPerMessage = 400
    /// What is limited for a person, all who come from one network together may do as often as so many people.
    static let peoplePerNetwork = 5
    /// Rooms that are made, by one person and from one network.
    static let newRoomsOfPerson = Allowance(atOnce: 5, every: .seconds(60))
    static let newRoomsOfNetwork = Allowance(atOnce: 20, every: .seconds(15))
    /// One comes back to all of one's rooms at once, after a lost connection.
    static let joins = Allowance(atOnce: 2 * roomsPerPerson, every: .seconds(1))
    /// Nobody leaves more often than they join.
    static let leaves = joins
    static let typing = Allowance(atOnce: 5, every: .milliseconds(500))
    /// Attempts at the administrator's password, right ones too.
    static let attemptsOfNetwork = Allowance(atOnce: 5, every: .seconds(10))
    static let attemptsOfAll = Allowance(atOnce: 50, every: .seconds(1))
}
