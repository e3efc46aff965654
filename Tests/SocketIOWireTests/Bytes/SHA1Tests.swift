import SocketIOWire
import TestSupport
import Testing

@Suite struct SHA1Tests {
    @Test(arguments: [
        ("abc", 1, "A9993E364706816ABA3E25717850C26C9CD0D89D"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983E441C3BD26EBAAE4AA1F95129E5E54670F1"),
        ("a", 1_000_000, "34AA973CD4C4DAA4F61EEB2BDBAD27316534016F"),
        (
            "0123456701234567012345670123456701234567012345670123456701234567", 10,
            "DEA356A2CDDD90C7A7ECEDC5EBB563934F460452"
        ),
    ])
    func `computes the digests of RFC 3174 7_3`(text: String, times: Int, digest: String) {
        #expect(SHA1.digest(of: Array(String(repeating: text, count: times).utf8)) == [UInt8](hex: digest))
    }

    @Test func `pads every length around a block`() {
        // Of so many letters `a`; computed with coreutils.
        let digests: [Int: String] = [
            0: "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", 55: "C1C8BBDC22796E28C0E15163D20899B65621D65A",
            56: "C2DB330F6083854C99D4B5BFB6E8F29F201BE699", 63: "03F09F5B158A7A8CDAD920BDDC29B81C18A551F5",
            64: "0098BA824B5C16427BD7A1122A5A442A25EC644D", 65: "11655326C708D70319BE2610E8A57D9A5B959D3B",
        ]
        for (count, digest) in digests {
            #expect(SHA1.digest(of: [UInt8](repeating: 0x61, count: count)) == [UInt8](hex: digest))
        }
    }
}
