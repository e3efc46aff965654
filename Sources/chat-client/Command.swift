/// What a typed line asks for.
enum Command: Equatable {
    case say(String)
    case join(String)
    case nick(String)
    case who
    case rooms
    case message(to: String, String)
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
        /msg NAME TEXT   say something in private
        /quit            leave (or Ctrl-D)
        """

    init(_ line: String) {
        let line = line.trimmed
        guard line.first == "/", !line.hasPrefix("//") else {
            self = line.isEmpty ? .nothing : .say(line.hasPrefix("//") ? String(line.dropFirst()) : line)
            return
        }
        let verb = line.prefix { $0 != " " }
        let rest = String(line.dropFirst(verb.count)).trimmed
        switch verb {
        case "/join": self = rest.isEmpty ? .invalid("write /join ROOM") : .join(rest)
        case "/nick": self = rest.isEmpty ? .invalid("write /nick NAME") : .nick(rest)
        case "/who": self = .who
        case "/rooms": self = .rooms
        case "/msg":
            let name = String(rest.prefix { $0 != " " })
            let text = String(rest.dropFirst(name.count)).trimmed
            self = text.isEmpty ? .invalid("write /msg NAME TEXT") : .message(to: name, text)
        case "/help", "/?": self = .help
        case "/quit", "/exit": self = .quit
        default: self = .invalid("there is no \(verb): /help lists what there is, and // begins a text with a slash")
        }
    }
}

extension String {
    /// Without the white space at its ends.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    /// Without control characters, which could rewrite what else is on the screen.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}
