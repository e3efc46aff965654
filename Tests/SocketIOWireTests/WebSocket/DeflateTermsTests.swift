import SocketIOWire
import TestSupport
import Testing

/// What is agreed on about compression (RFC 7692 7.1).
@Suite struct DeflateTermsTests {
    private func head(_ offers: [String]) throws -> HTTPRequestHead {
        let fields = offers.map { "Sec-WebSocket-Extensions: \($0)\r\n" }.joined()
        return try HTTPRequestParser.head("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    }

    /// What a server answers; nil if nothing.
    private func answer(_ offers: String..., wishes: DeflateTerms = DeflateTerms()) throws -> String? {
        try DeflateTerms.answer(to: try head(offers), wishes: wishes)?.text
    }

    private func wishes(
        server: Int? = nil, client: Int? = nil, serverAlone: Bool = false, clientAlone: Bool = false
    ) -> DeflateTerms {
        var wishes = DeflateTerms()
        wishes.serverMaxWindowBits = server
        wishes.clientMaxWindowBits = client
        wishes.serverNoContextTakeover = serverAlone
        wishes.clientNoContextTakeover = clientAlone
        return wishes
    }

    @Test func `who offers nothing that is known gets no answer`() throws {
        #expect(try answer() == nil)
        #expect(try answer("x-webkit-deflate-frame") == nil)
        #expect(try answer("PERMESSAGE-DEFLATE") == nil)
        #expect(try answer("foo; bar=1", ",", "") == nil)
    }

    @Test func `an offer is answered with what it asks for`() throws {
        #expect(try answer("permessage-deflate") == "permessage-deflate")
        #expect(try answer("permessage-deflate ; client_max_window_bits") == "permessage-deflate")
        #expect(
            try answer("permessage-deflate; client_max_window_bits=\"10\"")
                == "permessage-deflate; client_max_window_bits=10")
        let all =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; "
            + "client_max_window_bits=11"
        #expect(try answer(all) == all)
        #expect(
            try answer("permessage-deflate; server_max_window_bits=8") == "permessage-deflate; server_max_window_bits=8"
        )
    }

    @Test func `the server's wishes count where they are stricter`() throws {
        let strict = wishes(server: 10, client: 9, serverAlone: true, clientAlone: true)
        #expect(
            try answer("permessage-deflate", wishes: strict)
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10"
        )
        #expect(
            try answer(
                "permessage-deflate; server_max_window_bits=12; client_max_window_bits=8",
                wishes: wishes(server: 10, client: 9))
                == "permessage-deflate; server_max_window_bits=10; client_max_window_bits=8")
        #expect(
            try answer("permessage-deflate; client_max_window_bits", wishes: wishes(client: 9))
                == "permessage-deflate; client_max_window_bits=9")
    }

    @Test(
        arguments: [
            "unknown", "unknown=1", "server_no_context_takeover=1", "client_no_context_takeover=true",
            "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
            "client_max_window_bits=x", "client_max_window_bits=08", "client_max_window_bits=-9",
            "client_max_window_bits=999999999999999999999", "client_max_window_bits; client_max_window_bits",
            "server_no_context_takeover; server_no_context_takeover", "SERVER_NO_CONTEXT_TAKEOVER",
        ])
    func `an offer with something wrong is declined, and the next one taken`(parameter: String) throws {
        #expect(try answer("permessage-deflate; \(parameter)") == nil)
        #expect(
            try answer("permessage-deflate; \(parameter), permessage-deflate; server_max_window_bits=9")
                == "permessage-deflate; server_max_window_bits=9")
        #expect(try answer("permessage-deflate; \(parameter)", "permessage-deflate") == "permessage-deflate")
    }

    @Test(
        arguments: [
            ";", "permessage-deflate;", "permessage-deflate; a b", "permessage-deflate; =1", "permessage-deflate; a=",
            "permessage-deflate; a=\"\"", "permessage-deflate; a=\"b c\"", "permessage-deflate; a=b=c", "a@b",
            "permessage-deflate, ;",
        ])
    func `what is not of the grammar is refused with 400`(offer: String) throws {
        let head = try head([offer])
        let failure = #expect(throws: HTTPFailure.self) { try DeflateTerms.answer(to: head, wishes: DeflateTerms()) }
        #expect(failure?.status == 400)
    }

    @Test(.enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
    func `the official server answers the same, but where Protocol_md 8 says otherwise`() throws {
        let different: Set<String> = [
            // Refused there with 400, though RFC 7692 7.1 declines an offer, and not the connection.
            "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=x",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; unknown",
            "permessage-deflate; unknown=1, permessage-deflate",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            // Accepted there, though RFC 7692 7.1.2 allows no zeros in front.
            "permessage-deflate; client_max_window_bits=08",
        ]
        var compared = 0
        for recorded in try OfficialVectors.offers("server-true") where !different.contains(recorded.offer) {
            let head = try head(recorded.offer.isEmpty ? [] : [recorded.offer])
            let answer: String?
            do throws(HTTPFailure) {
                answer = try DeflateTerms.answer(to: head, wishes: DeflateTerms())?.text
                #expect(recorded.status == 101, "\(recorded.offer)")
            } catch {
                answer = nil
                #expect(recorded.status == error.status, "\(recorded.offer)")
            }
            #expect(answer == recorded.answer, "\(recorded.offer)")
            compared += 1
        }
        #expect(compared > 15)
    }
}
