/// Who waits until all is answered that was given before, by their tickets.
///
/// A command has the place of the marks that were set before it: a mark is reached when no command is left that has its
/// place or an earlier one.
struct RedisMarks {
    /// How many commands of each place are not answered.
    private var unanswered: [Int: Int] = [:]
    private var tickets: [Int: Int] = [:]
    /// The first that is not reached.
    private var first = 0
    private var next = 0

    /// A command is given.
    ///
    /// - Returns: Its place.
    mutating func addCommand() -> Int {
        unanswered[next, default: 0] += 1
        return next
    }

    /// A command of that place is answered.
    ///
    /// - Returns: The tickets of the marks that are reached, in order.
    mutating func removeCommand(at place: Int) -> [Int] {
        let left = unanswered[place, default: 0] - 1
        unanswered[place] = left > 0 ? left : nil
        return left > 0 ? [] : takeReached()
    }

    /// Sets a mark behind all commands.
    ///
    /// - Returns: As `removeCommand` does, this one included.
    mutating func set(_ ticket: Int) -> [Int] {
        tickets[next] = ticket
        next += 1
        return takeReached()
    }

    private mutating func takeReached() -> [Int] {
        var reached: [Int] = []
        while first < next, unanswered[first] == nil {
            if let ticket = tickets.removeValue(forKey: first) { reached.append(ticket) }
            first += 1
        }
        return reached
    }

    /// Forgets all commands, and all marks, whose tickets it returns.
    mutating func removeAll() -> [Int] {
        unanswered = [:]
        return takeReached()
    }
}
