internal import Foundation

/// Certificates made for one run of the tests by the `openssl` command, with an authority of their own.
///
/// `ca`: the authority. By it: `good` for localhost, chat.example, *.wild.example and the loopback addresses;
/// `elsewhere` for another host; `expired`; `locked`, whose key has a password; `ada`, whose name looks like two. And
/// `selfsigned`, by nobody. As PKCS#12: `good`, with its chain and an empty password; `secret`, the same with a password;
/// `keyless`, without a key.
package struct TestCertificates: Sendable {
    /// Nil without the command.
    package static let shared = make()

    private let folder: URL

    package var authority: String { path("ca.pem") }

    package func certificate(_ name: String) -> String { path("\(name).pem") }

    package func key(_ name: String) -> String { path("\(name).key") }

    /// The SHA-256 of a certificate.
    package func fingerprint(_ name: String) -> String {
        let text = try? String(contentsOfFile: path("\(name).fingerprint"), encoding: .utf8)
        return (text ?? "").filter(\.isHexDigit).lowercased()
    }

    /// Any file of the folder, there or not.
    package func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private static func make() -> TestCertificates? {
        guard run("command -v openssl", in: nil) else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificates-\(UUID())")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("no folder for certificates: \(error)")
        }
        atexit {
            // Nothing can be done about a folder that stays.
            if let made = TestCertificates.shared { try? FileManager.default.removeItem(at: made.folder) }
        }
        precondition(run(script, in: folder), "openssl makes no certificates")
        return TestCertificates(folder: folder)
    }

    private static func run(_ script: String, in folder: URL?) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-euc", script]
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            return false
        }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static let script = """
        # config NAME [COMMON-NAME]
        config() {
            printf '[req]\\ndistinguished_name=dn\\nprompt=no\\nutf8=yes\\nstring_mask=utf8only\\n[dn]\\nCN=%s\\n' \
                "${2:-$1}" > "$1.cnf"
        }
        key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
        key ca
        config ca
        cat >> ca.cnf << END
        [v3]
        basicConstraints=critical,CA:TRUE
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        END
        openssl req -x509 -new -key ca.key -out ca.pem -days 2 -config ca.cnf -extensions v3
        # leaf NAME SERIAL SAN DATES [COMMON-NAME]
        leaf() {
            key "$1"
            config "$1" "${5:-$1}"
            openssl req -new -key "$1.key" -out "$1.csr" -config "$1.cnf"
            printf 'subjectAltName=%s\\n' "$3" > "$1.ext"
            openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$2" -days "$4" \
                -extfile "$1.ext" -out "$1.pem"
        }
        leaf good 2 DNS:localhost,DNS:chat.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1 2
        leaf elsewhere 3 DNS:elsewhere.example 2
        leaf expired 4 DNS:localhost,IP:127.0.0.1 -1
        leaf locked 5 DNS:localhost 2
        leaf ada 6 DNS:ada.example 2 'Zoë,O=Staff'
        openssl x509 -in ada.pem -noout -fingerprint -sha256 | sed 's/.*=//' > ada.fingerprint
        openssl pkcs12 -export -in good.pem -inkey good.key -certfile ca.pem -passout pass: -out good.p12
        openssl pkcs12 -export -in good.pem -inkey good.key -passout pass:secret -out secret.p12
        openssl pkcs12 -export -in good.pem -nokeys -passout pass: -out keyless.p12
        openssl ec -in locked.key -aes128 -passout pass:secret -out encrypted.key
        mv encrypted.key locked.key
        key selfsigned
        config selfsigned
        openssl req -x509 -new -key selfsigned.key -out selfsigned.pem -days 2 -config selfsigned.cnf \
            -addext subjectAltName=DNS:localhost,IP:127.0.0.1
        printf 'no certificate\\n' > text.pem
        """
}
