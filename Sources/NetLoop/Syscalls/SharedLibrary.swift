#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A library that is loaded at run time, and stays so until the process ends: the package depends on nothing, and who does
/// not ask for what it does needs no library.
@safe struct SharedLibrary {
    private let handle: UnsafeMutableRawPointer
    private let name: String

    init(_ name: String) throws(SharedLibraryMissing) {
        // SAFETY: the name is passed as a null-terminated copy; the error text is copied before the next call.
        guard let handle = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw SharedLibraryMissing(detail: unsafe dlerror().map { unsafe String(cString: $0) } ?? name)
        }
        unsafe self.handle = unsafe handle
        self.name = name
    }

    /// The function `symbol`, which has the type `Function`: a C function pointer.
    func find<Function>(
        _ symbol: String, as type: Function.Type = Function.self
    ) throws(SharedLibraryMissing) -> Function {
        guard let address = unsafe dlsym(handle, symbol) else {
            throw SharedLibraryMissing(detail: "\(name) has no \(symbol)")
        }
        // SAFETY: the type is that of the library's headers, which its soname promises not to change.
        return unsafe unsafeBitCast(address, to: Function.self)
    }
}

/// A library is not there, or lacks a function.
package struct SharedLibraryMissing: Error, Hashable, Sendable {
    /// In the loader's words.
    package let detail: String
}

extension SharedLibraryMissing {
    /// What is missing where messages are to be compressed, and what to do.
    package var howToHelp: String {
        "that needs zlib, which is not there: \(detail). Install it: `apt-get install zlib1g`, `dnf install zlib` or "
            + "`apk add zlib`."
    }
}
