import TestSupport
import Testing

@testable import NetLoop

@Suite(.withCertificates) struct TLSContextTests {
    /// The error of a server with these files.
    private func error(_ certificate: String, _ key: String) throws -> TLSError? {
        let certificates = try testCertificates()
        do throws(TLSError) {
            _ = try TLSContext.server(certificate: certificates.path(certificate), key: certificates.path(key))
            return nil
        } catch {
            return error
        }
    }

    @Test func `takes a certificate and its key`() throws {
        #expect(try error("good.pem", "good.key") == nil)
    }

    @Test(arguments: ["missing.pem", "text.pem", "good.key"])
    func `names the file that has no certificate`(name: String) throws {
        let path = try testCertificates().path(name)
        guard case .certificateFile(path, let detail) = try error(name, "good.key") else {
            Issue.record("another error")
            return
        }
        #expect(!detail.isEmpty)
    }

    /// One with a password must not ask for it on the terminal.
    @Test(arguments: ["missing.key", "text.pem", "good.pem", "locked.key"])
    func `names the file that has no key`(name: String) throws {
        let path = try testCertificates().path(name)
        guard case .keyFile(path, let detail) = try error("locked.pem", name) else {
            Issue.record("another error")
            return
        }
        #expect(!detail.isEmpty)
    }

    @Test func `says that a key is another certificate's`() throws {
        let certificates = try testCertificates()
        let mismatch = TLSError.keyMismatch(
            certificate: certificates.certificate("good"), key: certificates.key("expired"))
        #expect(try error("good.pem", "expired.key") == mismatch)
    }

    @Test(arguments: ["missing.pem", "text.pem"])
    func `names the file that has no further roots`(name: String) throws {
        let path = try testCertificates().path(name)
        do throws(TLSError) {
            _ = try TLSContext.client(extraRoots: path)
            Issue.record("it was taken")
        } catch {
            guard case .certificateFile(path, _) = error else {
                Issue.record(error)
                return
            }
        }
    }

    @Test func `says which package a missing library is in`() {
        let error = TLSError.libraryMissing("libssl.so.3: cannot open shared object file")
        #expect(error.description.contains("apt-get install libssl3"))
    }
}
