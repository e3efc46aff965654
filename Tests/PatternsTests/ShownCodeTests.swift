import Foundation
import Testing

@testable import patterns

/// The page shows the server's code: what is shown is what is there.
@Suite struct ShownCodeTests {
    /// A place of the page, and the code that it shows of a file.
    struct Sample: CustomStringConvertible {
        let file: String
        let code: String

        var description: String { file }
    }

    static let samples: [Sample] = String(decoding: Pages.index, as: UTF8.self)
        .matches(of: /<pre data-source="([^"]+)"[^>]*>([^<]*)<\/pre>/)
        .map { match in
            let code = String(match.2).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
                "&amp;", with: "&")
            return Sample(file: String(match.1), code: code)
        }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/patterns").standardized

    /// Whether `code` is in `source`, line by line; without the indentation that all of it has there.
    private func isShown(_ code: String, of source: String) -> Bool {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let shown = code.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.contains { start in
            guard start + shown.count <= lines.count else { return false }
            let indent = lines[start].prefix { $0 == " " }
            return zip(lines[start...], shown).allSatisfy { line, shown in
                line == (shown.isEmpty ? "" : indent + shown)
            }
        }
    }

    @Test(arguments: samples) func `the shown code is in the source`(_ sample: Sample) throws {
        let source = try String(contentsOf: Self.folder.appending(path: sample.file), encoding: .utf8)
        #expect(isShown(sample.code, of: source), "what the page shows of \(sample.file) is not there")
    }

    @Test func `code that has changed is not`() {
        let source = "func f() {\n    a {\n        b\n\n        c\n    }\n}\n"
        #expect(isShown("a {\n    b\n\n    c\n}", of: source))
        for other in ["a {\n    b\n    c\n}", "a {\n    b\n\n    d\n}", "a {\n  b\n\n  c\n}", "a"] {
            #expect(!isShown(other, of: source))
        }
    }

    @Test func `each pattern shows its own`() throws {
        let page = String(decoding: Pages.index, as: UTF8.self)
        let sections = page.matches(of: /<section id="([^"]+)" class="pattern"/).map { String($0.1) }
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: "Patterns").path)
        #expect(sections.count == files.count)
        for file in files { #expect(Self.samples.contains { $0.file == "Patterns/\(file)" }) }
        for id in sections { #expect(page.contains("<a href=\"#\(id)\">")) }
    }
}
