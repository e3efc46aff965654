// A server author writes `import SocketIO` and has the events' vocabulary and the HTTP types too.
@_exported public import EngineIO
@_exported public import SocketIOEvents
