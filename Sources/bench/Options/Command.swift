/// What `bench` can be asked to do.
enum Command: String, CaseIterable {
    case serve
    case echo
    case load
    case floorServe = "floor-serve"

    /// One line for the help; nil for what only other commands start.
    var summary: String? {
        switch self {
        case .serve: "be the server under test"
        case .echo: "events that are sent back, next to the floor: a bare WebSocket echo"
        case .load, .floorServe: nil
        }
    }
}
