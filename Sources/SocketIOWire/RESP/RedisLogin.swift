/// Who a connection to Redis is for.
package struct RedisLogin: Equatable, Sendable {
    /// Nil is `default`, the only one before Redis 6.
    package var user: String?
    package var password: String?
    package var database: Int
    /// Shown by `CLIENT LIST`; has no spaces.
    package var clientName: String

    package init(user: String? = nil, password: String? = nil, database: Int = 0, clientName: String = "socket.io") {
        (self.user, self.password, self.database, self.clientName) = (user, password, database, clientName)
    }
}

/// The commands that a new connection begins with, each sent once the one before it was answered.
///
/// `HELLO` says it all at once, and asks for version 3 of the protocol; a server that does not know it, or not the
/// version, is talked to in version 2. `PING` ends it: a server that is still loading what it had answers everything else.
struct RedisGreeting: Equatable {
    private enum Step: Equatable {
        case hello
        case authenticate
        case setName
        case select
        case check
    }

    /// What is asked of the server.
    enum Progress: Equatable {
        case ask(RedisCommand)
        /// The connection is ready.
        case done
        /// The server does not want us, with its words.
        case refused(RESPError)
    }

    private let login: RedisLogin
    /// The first one is under way.
    private var steps: [Step]
    /// Whether the server talks in version 3.
    private(set) var isVersion3 = true
    /// Whether it is a node of a cluster, which servers of version 3 tell.
    private(set) var isCluster = false

    init(_ login: RedisLogin) {
        self.login = login
        steps = (login.database == 0 ? [.hello] : [.hello, .select]) + [.check]
    }

    /// What to send first.
    var first: RedisCommand { command(.hello) }

    mutating func receive(_ reply: RESPValue) -> Progress {
        guard let step = steps.first else { return .done }
        steps.removeFirst()
        switch (step, reply) {
        case (.hello, .error(let error)):
            // Unknown, or this version of the protocol is; another error is about who we are.
            guard error.code == "ERR" || error.code == "NOPROTO" else { return .refused(error) }
            isVersion3 = false
            steps = (login.password == nil ? [] : [.authenticate]) + [.setName] + steps
        case (.authenticate, .error(let error)), (.select, .error(let error)): return .refused(error)
        case (.hello, let value): isCluster = value["mode"]?.text == "cluster"
        case (.check, .error(let error)): if error.isPassing { return .refused(error) }
        // A name is for people: its lack is nothing to fail for.
        case (.setName, .error): break
        case (_, _): break
        }
        return steps.first.map { .ask(command($0)) } ?? .done
    }

    private func command(_ step: Step) -> RedisCommand {
        switch step {
        case .hello:
            var words = ["HELLO", "3"]
            if let password = login.password { words += ["AUTH", login.user ?? "default", password] }
            return RedisCommand((words + ["SETNAME", login.clientName]).map { Array($0.utf8) })
        case .authenticate:
            let words = ["AUTH"] + [login.user, login.password].compactMap { $0 }
            return RedisCommand(words.map { Array($0.utf8) })
        case .setName: return RedisCommand("CLIENT", "SETNAME", login.clientName)
        case .select: return RedisCommand("SELECT", "\(login.database)")
        case .check: return RedisCommand("PING")
        }
    }
}
