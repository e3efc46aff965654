/// Where a browser on this machine finds an example.
package enum PageAddress {
    package static func url(host: String?, port: Int) -> String {
        let name =
            switch host {
            case nil, "0.0.0.0", "::": "localhost"
            case let host?: host.contains(":") ? "[\(host)]" : host
            }
        return port == 0 ? "http://\(name):(the port that the system chooses)" : "http://\(name):\(port)"
    }
}
