import Foundation
import SocketIO

/// One value of each type that Values.md names: `value NAME` answers with it, and `back NAME` whether what came back is the
/// same.
struct Values: Sendable {
    private struct Point: Codable, Hashable {
        var x: Int
        var y: Int?
    }

    private enum Colour: String, Codable, CodingKeyRepresentable { case red, green }
    private enum Level: Int, Codable { case low = 1, high }
    private enum Shape: Codable, Equatable { case circle(radius: Int) }

    let socket: Socket

    func install() {
        row("String", "é☃😀")
        row("Bool", true)
        row("Int", 7)
        row("Double", 2.5)
        row("Float", Float(0.1))
        row("Array", [1, 2])
        row("Set", Set([1]))
        row("Dictionary", ["a": 1])
        row("struct", Point(x: 1, y: 2))
        row("struct with nil", Point(x: 1))
        row("nil", Int?.none)
        row("[UInt8]", [1, 2] as [UInt8])
        row("Data", Data([1, 2]))
        row("Date", Date(timeIntervalSince1970: 1_769_860_800.678))
        row("UUID", UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F"))
        row("URL", URL(string: "https://a.example/b?c=d#e"))
        row("Decimal", Decimal(string: "0.1"))
        row("enum of String", Colour.green)
        row("enum of Int", Level.high)
        row("enum with values", Shape.circle(radius: 2))
        row("Dictionary by Int", [7: "x"])
        row("Dictionary by enum", [Colour.red: 1])
        row("Dictionary by struct", [Point(x: 1): "x"])
        row("Range", 1..<3)
        row("JSONValue", ["a": [1, nil, "x"]] as JSONValue)
        socket.on("value NaN") { Double.nan }
    }

    private func row<Value: Codable & Equatable & Sendable>(_ name: String, _ value: Value) {
        socket.on("value " + name) { value }
        socket.on("back " + name) { (back: Value) in back == value }
    }
}
