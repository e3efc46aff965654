// swift-tools-version: 6.3

import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // For `HTTPHeadReader.bytes`: a span whose lifetime is that of its owner.
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "swift-socket-io",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "EngineIO", targets: ["EngineIO"]),
        .library(name: "SocketIOEvents", targets: ["SocketIOEvents"]),
        .library(name: "SocketIO", targets: ["SocketIO"]),
        .library(name: "SocketIOClient", targets: ["SocketIOClient"]),
        .library(name: "SocketIORedis", targets: ["SocketIORedis"]),
        .library(name: "SocketIOTesting", targets: ["SocketIOTesting"]),
        .executable(name: "chat", targets: ["chat"]),
        .executable(name: "chat-client", targets: ["chat-client"]),
        .executable(name: "patterns", targets: ["patterns"]),
        .executable(name: "patterns-client", targets: ["patterns-client"]),
        .executable(name: "bench", targets: ["bench"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "SocketIOWire", swiftSettings: settings),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "NetLoop",
            dependencies: ["SocketIOWire", .target(name: "CLinux", condition: .when(platforms: [.linux]))],
            swiftSettings: settings),
        .target(name: "EngineIO", dependencies: ["NetLoop", "SocketIOWire"], swiftSettings: settings),
        .target(name: "SocketIOEvents", dependencies: ["SocketIOWire"], swiftSettings: settings),
        .target(
            name: "SocketIO", dependencies: ["EngineIO", "NetLoop", "SocketIOEvents", "SocketIOWire"],
            resources: [.embedInCode("Admin/Page")], swiftSettings: settings),
        .target(
            name: "SocketIOClient", dependencies: ["NetLoop", "SocketIOEvents", "SocketIOWire"],
            swiftSettings: settings),
        .target(
            name: "SocketIORedis", dependencies: ["NetLoop", "SocketIO", "SocketIOEvents", "SocketIOWire"],
            swiftSettings: settings),
        .target(
            name: "SocketIOTesting", dependencies: ["NetLoop", "SocketIO", "SocketIOClient"],
            swiftSettings: settings),
        .target(name: "ChatEvents", dependencies: ["SocketIOEvents"], swiftSettings: settings),
        .target(name: "PatternsEvents", dependencies: ["SocketIOEvents"], swiftSettings: settings),
        .target(name: "CommandLineOptions", swiftSettings: settings),
        .target(name: "ExamplePages", dependencies: ["CommandLineOptions", "SocketIO"], swiftSettings: settings),
        .executableTarget(
            name: "chat-client", dependencies: ["ChatEvents", "CommandLineOptions", "SocketIOClient"],
            swiftSettings: settings),
        .executableTarget(
            name: "chat", dependencies: ["ChatEvents", "CommandLineOptions", "ExamplePages", "SocketIO"],
            resources: [.embedInCode("Page")], swiftSettings: settings),
        .executableTarget(
            name: "patterns-client", dependencies: ["CommandLineOptions", "PatternsEvents", "SocketIOClient"],
            swiftSettings: settings),
        .executableTarget(
            name: "patterns",
            dependencies: ["CommandLineOptions", "ExamplePages", "PatternsEvents", "SocketIO", "SocketIORedis"],
            resources: [.embedInCode("Page")], swiftSettings: settings),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CommandLineOptions", "SocketIO", "SocketIOClient", "SocketIORedis", "SocketIOWire", "NetLoop",
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
            ], swiftSettings: settings),
        .executableTarget(
            name: "interop-server", dependencies: ["SocketIO", "EngineIO", "MountedHost"], path: "Tests/Interop/Server",
            swiftSettings: settings),
        .executableTarget(
            name: "interop-client", dependencies: ["SocketIOClient"], path: "Tests/Interop/Client",
            swiftSettings: settings),
        .executableTarget(
            name: "hostile-server", dependencies: ["CommandLineOptions", "EngineIO", "SocketIO"],
            path: "Tests/hostile/Server", swiftSettings: settings),
        .executableTarget(
            name: "soak-peer", dependencies: ["EngineIO", "SocketIO", "SocketIOClient", "SocketIORedis"],
            path: "Tests/soak/Peer", swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["SocketIOWire"], path: "Tests/TestSupport", swiftSettings: settings),
        .target(
            name: "MountedHost", dependencies: ["EngineIO", "TestSupport"], path: "Tests/MountedHost",
            swiftSettings: settings),
        .target(
            name: "AdapterConformance", dependencies: ["SocketIO", "SocketIOClient"], path: "Tests/AdapterConformance",
            swiftSettings: settings),
        .testTarget(
            name: "SocketIOWireTests", dependencies: ["SocketIOWire", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "NetLoopTests", dependencies: ["NetLoop", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "EngineIOTests", dependencies: ["EngineIO", "MountedHost", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "SocketIOTests", dependencies: ["AdapterConformance", "SocketIO", "SocketIOTesting", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SocketIORedisTests",
            dependencies: [
                "AdapterConformance", "NetLoop", "SocketIOClient", "SocketIORedis", "SocketIOWire", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SocketIOClientTests",
            dependencies: ["SocketIOClient", "SocketIO", "SocketIOTesting", "SocketIOWire", "NetLoop", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SocketIOTestingTests", dependencies: ["SocketIOTesting", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ChatTests",
            dependencies: [
                "chat", "ChatEvents", "CommandLineOptions", "ExamplePages", "SocketIOTesting", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PatternsTests",
            dependencies: [
                "patterns", "patterns-client", "PatternsEvents", "CommandLineOptions", "ExamplePages",
                "SocketIOTesting", "TestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "ChatClientTests", dependencies: ["chat-client", "ChatEvents", "CommandLineOptions"],
            swiftSettings: settings),
        .testTarget(
            name: "BenchTests", dependencies: ["bench", "CommandLineOptions", "SocketIOWire", "NetLoop"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
