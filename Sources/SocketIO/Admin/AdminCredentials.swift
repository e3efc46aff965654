/// What an administrator logs in with.
struct AdminCredentials: Sendable {
    let username: String
    let password: String

    /// Both are compared in any case, so that the time tells neither which of them is wrong.
    func match(_ username: String, _ password: String) -> Bool {
        let (isUser, isPassword) = (self.username.isSameSecret(as: username), self.password.isSameSecret(as: password))
        return isUser && isPassword && !self.password.isEmpty
    }
}
