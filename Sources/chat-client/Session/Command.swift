/// What a typed line asks for.
enum Command: Equatable, Sendable {
    case say(String)
    case join(String)
    case nick(String)
    case who
    case rooms
    case message(to: String, String)
    case connect
    case help
    case quit
    case nothing
    /// Not understood; with what to write instead.
    case invalid(String)

    static let summary = """
        /join ROOM       go to another room
        /nick NAME       call yourself something else
        /who             who is in the room
        /rooms           which rooms there are
        /msg NAME TEXT   say something in private; a name with spaces stands in "quotes"
        /connect         come back, after the server has put you out
        /quit            leave (or Ctrl-D), once everything is sent; Ctrl-C waits for nothing
        """

    init(_ line: String) {
        let line = line.trimmed
        guard line.first == "/", !line.hasPrefix("//") else {
            self = line.isEmpty ? .nothing : .say(line.hasPrefix("//") ? String(line.dropFirst()) : line)
            return
        }
        let verb = line.prefix { !$0.isWhitespace }
        let rest = String(line.dropFirst(verb.count)).trimmed
        switch verb {
        case "/join": self = rest.isEmpty ? .invalid("write /join ROOM") : .join(rest)
        case "/nick": self = rest.isEmpty ? .invalid("write /nick NAME") : .nick(rest)
        case "/who": self = .who
        case "/rooms": self = .rooms
        case "/msg": self = Self.message(rest) ?? .invalid("write /msg NAME TEXT, or /msg \"LONG NAME\" TEXT")
        case "/connect": self = .connect
        case "/help", "/?": self = .help
        case "/quit", "/exit": self = .quit
        default: self = .invalid("there is no \(verb): /help lists what there is, and // begins a text with a slash")
        }
    }

    /// Whose text it is must not depend on who is there: a name ends at the first space, or at the second quote, which
    /// no name has.
    private static func message(_ rest: String) -> Command? {
        let name: Substring
        let text: String
        if rest.first == "\"" {
            name = rest.dropFirst().prefix { $0 != "\"" }
            text = String(rest.dropFirst(name.count + 2)).trimmed
        } else {
            name = rest.prefix { !$0.isWhitespace }
            text = String(rest.dropFirst(name.count)).trimmed
        }
        return name.isEmpty || text.isEmpty ? nil : .message(to: String(name).trimmed, text)
    }
}

extension String {
    /// Without the white space at its ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
