import Foundation
import SocketIOWire
import Testing

/// The parsing files of nst/JSONTestSuite.
@Suite struct JSONTestSuiteTests {
    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["JSON_TEST_SUITE"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        return root.appending(path: "../shared/vectors/json-test-suite/test_parsing").standardized
    }()

    private static let files: [URL] = {
        let all = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (all ?? []).filter { $0.pathExtension == "json" }
    }()

    /// What the suite leaves to the parser. We take what JSON.parse takes, except UTF-8 that is not valid, which
    /// cannot come out of a text message (RFC 6455 8.1).
    private static let decisions: [String: Bool] = [
        "i_number_double_huge_neg_exp": true,
        "i_number_huge_exp": true,
        "i_number_neg_int_huge_exp": true,
        "i_number_pos_double_huge_exp": true,
        "i_number_real_neg_overflow": true,
        "i_number_real_pos_overflow": true,
        "i_number_real_underflow": true,
        "i_number_too_big_neg_int": true,
        "i_number_too_big_pos_int": true,
        "i_number_very_big_negative_int": true,
        "i_object_key_lone_2nd_surrogate": true,
        "i_string_1st_surrogate_but_2nd_missing": true,
        "i_string_1st_valid_surrogate_2nd_invalid": true,
        "i_string_UTF-16LE_with_BOM": false,
        "i_string_UTF-8_invalid_sequence": false,
        "i_string_UTF8_surrogate_U+D800": false,
        "i_string_incomplete_surrogate_and_escape_valid": true,
        "i_string_incomplete_surrogate_pair": true,
        "i_string_incomplete_surrogates_escape_valid": true,
        "i_string_invalid_lonely_surrogate": true,
        "i_string_invalid_surrogate": true,
        "i_string_invalid_utf-8": false,
        "i_string_inverted_surrogates_U+1D11E": true,
        "i_string_iso_latin_1": false,
        "i_string_lone_second_surrogate": true,
        "i_string_lone_utf8_continuation_byte": false,
        "i_string_not_in_unicode_range": false,
        "i_string_overlong_sequence_2_bytes": false,
        "i_string_overlong_sequence_6_bytes": false,
        "i_string_overlong_sequence_6_bytes_null": false,
        "i_string_truncated-utf-8": false,
        "i_string_utf16BE_no_BOM": false,
        "i_string_utf16LE_no_BOM": false,
        // 500 arrays within one another: over the depth that this test allows.
        "i_structure_500_nested_arrays": false,
        "i_structure_UTF-8_BOM_empty_object": false,
    ]

    private static func isAccepted(_ bytes: [UInt8]) -> Bool {
        guard (try? UTF8Span(validating: bytes.span)) != nil,
            (try? JSONScanner.validate(bytes.span, maximumDepth: 256)) != nil
        else { return false }
        // What the scanner accepts, the tree must be able to hold.
        return (try? JSONCoding.decode(JSONValue.self, from: bytes.span, attachments: [])) != nil
    }

    @Test(.enabled(if: !files.isEmpty, "the JSON test suite's files are not beside the checkout"))
    func `decides every file of the JSON test suite`() throws {
        #expect(Self.files.count == 318)
        for file in Self.files {
            let name = file.deletingPathExtension().lastPathComponent
            let expected: Bool? =
                switch name.prefix(2) {
                case "y_": true
                case "n_": false
                default: Self.decisions[name]
                }
            #expect(Self.isAccepted([UInt8](try Data(contentsOf: file))) == expected, "\(name)")
        }
    }
}
