extension String {
    /// Whether `guess` has the same bytes: in a time that goes by the length of the guess, so that it tells neither where
    /// the first difference is nor how long the secret is.
    package func isSameSecret(as guess: String) -> Bool {
        let secret = Array(utf8)
        guard !secret.isEmpty else { return guess.isEmpty }
        var difference = secret.count ^ guess.utf8.count
        for (index, byte) in guess.utf8.enumerated() { difference |= Int(byte ^ secret[index % secret.count]) }
        return difference == 0
    }
}
