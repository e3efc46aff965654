import Foundation

/// What a person or a room is called. Names that look alike are equal, whatever their spelling.
struct Name: Hashable, Sendable {
    enum Kind {
        case person
        case room

        var characters: Int {
            switch self {
            case .person: 24
            case .room: 40
            }
        }

        var words: String {
            switch self {
            case .person: "A name"
            case .room: "A room's name"
            }
        }
    }

    /// How it is spelled, in Unicode's form C.
    let shown: String
    /// The same for all names that are equal.
    let looks: String

    /// Reads what somebody typed; space around it is dropped, and within it is one space.
    init(_ text: String, of kind: Kind) throws(Refusal) {
        // Looked at first, so that what is far too long costs nothing.
        guard text.utf8.count <= kind.characters * Self.mostBytes else { throw Self.wrongLength(kind, nil) }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...kind.characters).contains(words.count) else { throw Self.wrongLength(kind, words.count) }
        for character in words { try Self.check(character, kind) }
        guard let first = words.first, first.isLetter || first.isNumber || first.isEmoji else {
            throw Refusal("\(kind.words) begins with a letter, a digit or an emoji.", .name)
        }
        shown = words.precomposedStringWithCanonicalMapping
        looks = LookAlikes.folded(shown)
        guard Alphabet.all(in: shown).count <= 1 else {
            throw Refusal("\(kind.words) has letters of one alphabet: those of others look like them.", .name)
        }
    }

    static func == (left: Name, right: Name) -> Bool { left.looks == right.looks }
    func hash(into hasher: inout Hasher) { hasher.combine(looks) }

    /// Of one character: the longest emoji of Unicode has 35.
    private static let mostBytes = 40
    /// On one letter. Vietnamese needs two, Hebrew with its points three.
    private static let mostMarks = 3
    // No colon, no brackets, no slash: what is written around names on a page or a terminal cannot be part of one.
    private static let punctuation: Set<Character> = [" ", "-", "_", ".", "'", "’", "+", "&", "#"]

    private static func wrongLength(_ kind: Kind, _ count: Int?) -> Refusal {
        let has = count.map { ": this one has \($0)" } ?? ""
        return Refusal("\(kind.words) has 1 to \(kind.characters) characters\(has).", .name)
    }

    private static func check(_ character: Character, _ kind: Kind) throws(Refusal) {
        if punctuation.contains(character) { return }
        guard character.utf8.count <= mostBytes else {
            throw Refusal("One of its characters is made of too many parts.", .name)
        }
        if character.isEmoji { return }
        if let hidden = character.unicodeScalars.first(where: \.isHidden) {
            let number = String(hidden.value, radix: 16, uppercase: true)
            throw Refusal("\(kind.words) has nothing that cannot be seen, like U+\(number).", .name)
        }
        guard character.isLetter || character.isNumber, character.unicodeScalars.allSatisfy(\.isPartOfWord) else {
            throw Refusal(
                "\(kind.words) has letters, digits, emoji, spaces and -_.'+&#, not “\(character)”.", .name)
        }
        guard character.unicodeScalars.count(where: \.isMark) <= mostMarks else {
            throw Refusal("\(kind.words) has no more than \(mostMarks) marks on a letter.", .name)
        }
    }
}
