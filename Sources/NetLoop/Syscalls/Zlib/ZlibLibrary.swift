/// The functions of zlib that are used, loaded when somebody asks for compression.
@safe package final class ZlibLibrary: Sendable {
    /// A `ZlibStream`.
    typealias Stream = UnsafeMutableRawPointer
    typealias Text = UnsafePointer<CChar>

    let version: @convention(c) @Sendable () -> Text?
    let beginDeflating: @convention(c) @Sendable (Stream?, CInt, CInt, CInt, CInt, CInt, Text?, CInt) -> CInt
    let deflate: @convention(c) @Sendable (Stream?, CInt) -> CInt
    let restartDeflating: @convention(c) @Sendable (Stream?) -> CInt
    let endDeflating: @convention(c) @Sendable (Stream?) -> CInt
    let beginInflating: @convention(c) @Sendable (Stream?, CInt, Text?, CInt) -> CInt
    let inflate: @convention(c) @Sendable (Stream?, CInt) -> CInt
    let restartInflating: @convention(c) @Sendable (Stream?) -> CInt
    /// The same, but what was inflated before stays in the window.
    let continueInflating: @convention(c) @Sendable (Stream?) -> CInt
    let endInflating: @convention(c) @Sendable (Stream?) -> CInt

    #if canImport(Darwin)
        package static let usualName = "libz.1.dylib"
    #else
        package static let usualName = "libz.so.1"
    #endif

    private static let loaded = Result { () throws(SharedLibraryMissing) in try ZlibLibrary(usualName) }

    /// The library, loaded by whoever asks first.
    ///
    /// - Parameter name: For tests another one.
    package static func load(_ name: String = usualName) throws(SharedLibraryMissing) -> ZlibLibrary {
        name == usualName ? try loaded.get() : try ZlibLibrary(name)
    }

    private init(_ name: String) throws(SharedLibraryMissing) {
        let symbols = try SharedLibrary(name)
        // SAFETY: the types are those of `<zlib.h>`, which are the same in every version of this name.
        unsafe version = try symbols.find("zlibVersion")
        unsafe beginDeflating = try symbols.find("deflateInit2_")
        unsafe deflate = try symbols.find("deflate")
        unsafe restartDeflating = try symbols.find("deflateReset")
        unsafe endDeflating = try symbols.find("deflateEnd")
        unsafe beginInflating = try symbols.find("inflateInit2_")
        unsafe inflate = try symbols.find("inflate")
        unsafe restartInflating = try symbols.find("inflateReset")
        unsafe continueInflating = try symbols.find("inflateResetKeep")
        unsafe endInflating = try symbols.find("inflateEnd")
    }
}

/// `z_stream`, field by field. The library points back to it: it must not move.
@unsafe struct ZlibStream {
    var nextIn: UnsafePointer<UInt8>?
    var availableIn: CUnsignedInt = 0
    var totalIn: CUnsignedLong = 0
    var nextOut: UnsafeMutablePointer<UInt8>?
    var availableOut: CUnsignedInt = 0
    var totalOut: CUnsignedLong = 0
    var message: UnsafePointer<CChar>?
    var state: OpaquePointer?
    var allocate: OpaquePointer?
    var free: OpaquePointer?
    var opaque: OpaquePointer?
    var dataType: CInt = 0
    var checksum: CUnsignedLong = 0
    var reserved: CUnsignedLong = 0

    /// The library is told, and does nothing for a caller who has it otherwise.
    static let size = unsafe CInt(MemoryLayout<ZlibStream>.size)
}

/// Of `<zlib.h>`.
enum ZlibConstant {
    static let syncFlush: CInt = 2
    static let finish: CInt = 4
    static let done: CInt = 0
    static let streamEnd: CInt = 1
    /// Nothing more can be done without more input or more room.
    static let nothingToDo: CInt = -5
    static let deflated: CInt = 8
    static let usualStrategy: CInt = 0
    /// In `dataType`: what is inflated ends where a block does.
    static let blockEnd: CInt = 128
}
