package import SocketIO

extension HTTPRoutes {
    /// Answers with files that the build has put into the executable.
    package func serve(
        _ files: [(path: String, type: String, body: [UInt8])], with fields: [(name: String, value: String)]
    ) {
        for file in files {
            let type = ("Content-Type", "\(file.type); charset=utf-8")
            let response = HTTPResponse(fields: [type] + fields, body: file.body)
            get(file.path) { _ in response }
        }
    }
}
