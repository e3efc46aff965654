extension SocketIOServer {
    /// Lets whoever knows the password look into the server: with the official admin UI, whose protocol is spoken in a
    /// namespace, or with the page of this package.
    ///
    /// ```swift
    /// let password = ProcessInfo.processInfo.environment["ADMIN_PASSWORD"] ?? ""
    /// io.admin(password: password) { $0.page = "/admin" }
    /// ```
    /// Call it once. The password is best read from the environment; who gives a wrong one, or too many,
    /// is refused with `invalid credentials`. A page of another origin, as `https://admin.socket.io` is, needs
    /// `configuration.cors`. As long as nobody looks, no message costs more; while somebody looks in the mode
    /// `.development`, each event is told to him as well.
    ///
    /// - Parameters:
    ///   - username: Who may log in; `admin` by default.
    ///   - password: Not empty: nobody could log in, and the log says so.
    ///   - configure: Changes what they see and may do.
    public func admin(
        username: String = "admin", password: String, _ configure: (inout AdminConfiguration) -> Void = { _ in }
    ) {
        if password.isEmpty { context.logger.log(at: .error, "nobody can log in to io.admin: its password is empty") }
        administrate(AdminCredentials(username: username, password: password), configure)
    }

    /// The same for everybody, without a password: for a server that only you can reach.
    public func adminWithoutPassword(_ configure: (inout AdminConfiguration) -> Void = { _ in }) {
        administrate(nil, configure)
    }

    private func administrate(_ credentials: AdminCredentials?, _ configure: (inout AdminConfiguration) -> Void) {
        var configuration = AdminConfiguration()
        configure(&configuration)
        let administration = Administration(
            configuration, login: credentials.map { AdminLogin($0, configuration.limits) },
            in: namespace(configuration.namespace))
        guard context.begin(administration) else {
            return context.logger.log(at: .error, "io.admin was called again, which changes nothing")
        }
        administration.install()
        if let path = configuration.page {
            AdminPage(at: path, namespace: administration.namespace.name, context: context).install(on: http)
        }
    }
}
