#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A thread of the operating system that runs one function.
@safe struct LoopThread {
    private let handle: pthread_t

    /// The identity of the calling thread, to compare with.
    @inline(__always)
    static var currentID: UInt {
        #if canImport(Darwin)
            UInt(bitPattern: pthread_self())
        #else
            pthread_self()
        #endif
    }

    /// Starts a thread that runs `body`.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) -> LoopThread {
        final class Start {
            let body: @Sendable () -> Void
            init(body: @escaping @Sendable () -> Void) { self.body = body }
        }
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let start = unsafe Unmanaged.passRetained(Start(body: body))
        // SAFETY: the reference passed is balanced by the new thread, or below if there is none.
        let code = unsafe pthread_create(
            &handle, nil,
            { argument in
                #if canImport(Darwin)
                    let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                #else
                    let start = unsafe Unmanaged<Start>.fromOpaque(argument.unsafelyUnwrapped).takeRetainedValue()
                #endif
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw SystemError(code: code, "pthread_create")
        }
        #if canImport(Darwin)
            return unsafe LoopThread(handle: handle.unsafelyUnwrapped)
        #else
            return LoopThread(handle: handle)
        #endif
    }

    /// Lets the thread end unobserved.
    func detach() {
        // SAFETY: the handle is not used again.
        _ = pthread_detach(handle)
    }

    /// Waits for the thread to end.
    func join() {
        // SAFETY: the handle is joined once, by the group that started the thread.
        _ = pthread_join(handle, nil)
    }
}
