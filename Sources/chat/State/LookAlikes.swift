import Foundation

/// Which letters look like which: a short table, after the idea of Unicode's TR 39, for what is seen in chats.
///
/// Not in it: pairs of letters (`rn` for `m`), and letters of scripts that do not look like these.
enum LookAlikes {
    /// The same for all names that look alike: without case, width, style and variants, without what cannot be seen, in the
    /// letters of the table.
    static func folded(_ name: String) -> String {
        var folded = String.UnicodeScalarView()
        /// The last that is no mark.
        var base: Unicode.Scalar?
        for scalar in plain(name).unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
            let letter = table[scalar] ?? scalar
            if letter.properties.canonicalCombiningClass == .notReordered { base = letter }
            // A dot above what has one already; i is l here.
            if letter.value == 0x307, base == "l" || base == "j" { continue }
            folded.append(letter)
        }
        return String(folded)
    }

    /// Compatibility decomposition takes off width and style, and leaves marks behind their letters. By upper case and back
    /// is how ß, ſ and the like lose their case.
    private static func plain(_ text: String) -> String {
        text.decomposedStringWithCompatibilityMapping.uppercased().lowercased().decomposedStringWithCompatibilityMapping
    }

    private static let table: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (letter, others) in shapes {
            for scalar in plain(others).unicodeScalars { table[scalar] = letter }
        }
        return table
    }()

    /// Latin, Greek, Cyrillic, Armenian and Cherokee letters in either case, small capitals, digits, quotation marks.
    private static let shapes: [(Unicode.Scalar, String)] = [
        ("a", "аαɑᴀᎪ"), ("b", "вβʙᏴ"), ("c", "сϲᴄᏟ"), ("d", "ԁᴅᎠ"), ("e", "еεᴇᎬ"), ("f", "ꜰ"), ("g", "ɡցɢᏀ"),
        ("h", "нηһհʜᎻ"),
        ("j", "јյᴊᎫ"), ("k", "кκᴋᏦ"), ("l", "iіιӏ1ɩɪʟᏞ"), ("m", "мμᴍᎷ"), ("n", "νոɴ"), ("o", "оοօ0ᴏ"), ("p", "рρᴘᏢ"),
        ("q", "ԛզ"),
        ("r", "ʀᎡ"), ("s", "ѕꜱᏚ"), ("t", "тτᴛᎢ"), ("u", "սᴜ"), ("v", "ѵᴠᏙ"), ("w", "ԝᴡᎳ"), ("x", "хχ"), ("y", "уυүʏᎩ"),
        ("z", "ζᴢᏃ"),
        ("3", "з"), ("'", "’ʼ"),
    ]
}

/// The alphabets that have letters in common, to the eye.
enum Alphabet {
    case latin
    case greek
    case cyrillic
    case armenian
    case cherokee

    static func all(in text: String) -> Set<Alphabet> {
        Set(text.unicodeScalars.compactMap { $0.properties.isAlphabetic ? Alphabet(of: $0) : nil })
    }

    /// By the blocks of Unicode.
    private init?(of scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x24F, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F, 0x1C80...0x1C8F, 0xA640...0xA69F: self = .cyrillic
        case 0x530...0x58F: self = .armenian
        case 0x13A0...0x13FF, 0xAB70...0xABBF: self = .cherokee
        default: return nil
        }
    }
}
