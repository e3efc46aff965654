import Foundation

/// Prints a line at once, also where the output is a pipe; nobody need listen.
package func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}

/// The same where errors go.
package func complain(_ words: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(words)\n".utf8))
}
