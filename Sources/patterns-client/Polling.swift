import Foundation
import PatternsEvents

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Asks for what is new, again and again.
struct Polling: Way {
    /// Of the messages.
    let url: URL

    func read(_ show: @Sendable (Message) -> Void) async throws {
        var last = 0
        while true {
            let question = URLRequest(url: url.appending(queryItems: [URLQueryItem(name: "after", value: "\(last)")]))
            for message in try JSONDecoder().decode([Message].self, from: await answer(to: question)) {
                show(message)
                last = message.number
            }
            try await Task.sleep(for: .seconds(3))
        }
    }

    func say(_ draft: Draft) async throws {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(draft)
        _ = try await answer(to: request)
    }

    private func answer(to request: URLRequest) async throws -> Data {
        let (body, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, (200..<300).contains(status) else {
            throw Refusal(description: String(decoding: body, as: UTF8.self))
        }
        return body
    }
}

/// What the server has against it, in its words.
struct Refusal: Error, CustomStringConvertible {
    let description: String
}
