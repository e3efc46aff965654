import Glibc
import NetLoop

/// A process that this one started: its output is read here, and it does not outlive this object.
///
/// It does not outlive this process either, if it ends with its standard input, which is a pipe from here.
@safe final class ChildProcess {
    let id: pid_t
    private let input: OwnedDescriptor
    private let output: OwnedDescriptor
    private var unread: [UInt8] = []
    private var status: CInt?

    /// Starts `command`, whose first word is the path of a program.
    init(_ command: [String]) throws(SystemError) {
        let inputPipe = try Pipe()
        let outputPipe = try Pipe()
        // SAFETY: the actions are initialised before and destroyed after use; the words are null-terminated copies that
        // outlive the call, in a list that ends with nil.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, inputPipe.reader.rawValue, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, outputPipe.writer.rawValue, STDOUT_FILENO)
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        var id = pid_t()
        let code = unsafe posix_spawnp(&id, command[0], &actions, nil, &words, environ)
        for index in unsafe words.indices { unsafe free(words[index]) }
        unsafe posix_spawn_file_actions_destroy(&actions)
        guard code == 0 else { throw SystemError(code: code, "posix_spawn") }
        self.id = id
        input = inputPipe.takeWriter()
        output = outputPipe.takeReader()
    }

    deinit {
        guard status == nil else { return }
        _ = kill(id, SIGKILL)
        _ = wait()
    }

    /// The next line of the output, without its end; nil if the output ends, or `patience` does, before.
    func line(patience: Duration) -> String? {
        let deadline = Clock.now &+ patience.nanoseconds
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                return line
            }
            guard readMore(until: deadline) == .bytes else { return nil }
        }
    }

    /// The rest of the output; nil if it has not ended after `patience`.
    func rest(patience: Duration) -> String? {
        let deadline = Clock.now &+ patience.nanoseconds
        while true {
            switch readMore(until: deadline) {
            case .bytes: continue
            case .end: return String(decoding: unread, as: UTF8.self)
            case .timeout: return nil
            }
        }
    }

    /// Asks the process to end, and waits until it has.
    func terminate() {
        guard status == nil else { return }
        _ = kill(id, SIGTERM)
        _ = wait()
    }

    /// Waits for the end, and returns the exit code; nil if a signal ended the process.
    func wait() -> Int? {
        var status: CInt = 0
        if let known = self.status {
            status = known
        } else {
            // SAFETY: the status is a local of the right type.
            while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
            self.status = status
        }
        // What the macros WIFEXITED and WEXITSTATUS say.
        return status & 0x7F == 0 ? Int(status >> 8) & 0xFF : nil
    }

    private enum Outcome {
        case bytes, end, timeout
    }

    private func readMore(until deadline: UInt64) -> Outcome {
        while true {
            let now = Clock.now
            guard now < deadline else { return .timeout }
            var entry = pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0)
            // SAFETY: one entry is passed and it outlives the call.
            let ready = unsafe poll(&entry, 1, CInt((deadline - now) / 1_000_000) + 1)
            guard ready > 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            // SAFETY: no more is written than the array holds.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(output.rawValue, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .end }
            unread += chunk[..<count]
            return .bytes
        }
    }
}

/// A pipe that children do not inherit by accident.
private struct Pipe: ~Copyable {
    let reader: OwnedDescriptor
    let writer: OwnedDescriptor

    init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        // SAFETY: two descriptors are written to an array of two.
        guard unsafe pipe(&ends) == 0 else { throw SystemError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reader = OwnedDescriptor(adopting: ends[0])
        writer = OwnedDescriptor(adopting: ends[1])
    }

    consuming func takeReader() -> OwnedDescriptor { reader }
    consuming func takeWriter() -> OwnedDescriptor { writer }
}

extension Duration {
    var nanoseconds: UInt64 {
        UInt64(max(components.seconds, 0)) &* 1_000_000_000 &+ UInt64(max(components.attoseconds, 0) / 1_000_000_000)
    }
}
